import type { AgentMessage, ControllerMessage } from "@walras/proto";

/** What a stream tells. After `closed` it tells nothing more. */
export interface StreamEvents {
  message(message: ControllerMessage): void;
  closed(reason: string): void;
}

/** A stream to a controller. */
export interface ControllerStream {
  /** @param written the transport has taken the message and will take another */
  send(message: AgentMessage, written: () => void): void;
  /** Ends the stream; it tells nothing more. */
  close(): void;
}

/** Opens streams to a controller. */
export interface Dialer {
  /**
   * @param afresh forget all connections and look addresses up again
   * @throws Error where what is needed to connect cannot be read
   */
  dial(events: StreamEvents, afresh: boolean): ControllerStream;
  close(): void;
}
