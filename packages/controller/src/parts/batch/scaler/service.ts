import { type sendUnaryData, type ServerUnaryCall, type ServerWritableStream, status } from "@grpc/grpc-js";
import type { Clock, Logger } from "@walras/kit";
import type {
  ExternalScalerServer as Contract,
  GetMetricsRequest,
  GetMetricsResponse,
  GetMetricSpecResponse,
  MetricSpec,
  ScaledObjectRef,
} from "@walras/proto/externalscaler";

import { Complaints } from "./complaints.ts";
import { clip } from "../../../base/bounds/clip.ts";
import { type Failure, failureOf } from "./failure.ts";
import { scalerLimits as limits } from "./limits.ts";
import type { SlotAnswers } from "./port.ts";
import { NotKnown } from "../decide/notKnown.ts";
import { PollSnapshots } from "./snapshots.ts";
import type { OpenStreams } from "./streams.ts";
import { metricSpecOf, scaledRefOf, shortEnough } from "./trigger.ts";

/** One call that was answered. */
export interface Answered {
  readonly method: string;
  /** gRPC's name of the outcome: OK, UNAVAILABLE, INVALID_ARGUMENT, INTERNAL. */
  readonly code: string;
  readonly durationMs: number;
}

/** What is told of calls. */
export interface ScalerObserver {
  answered(call: Answered): void;
}

export interface ScalerServiceOptions {
  readonly answers: SlotAnswers;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly observer: ScalerObserver;
  readonly streams: OpenStreams;
  /** How often an open stream looks whether its answer has changed. */
  readonly streamMs: number;
  /** Of triggers that name no metric. */
  readonly metricName?: string;
}

/**
 * KEDA's calls, each answered from memory, and at once unless it comes too soon after the same: KEDA sets no deadline
 * and waits for ever.
 */
export class ScalerService {
  readonly #options: ScalerServiceOptions;
  readonly #snapshots: PollSnapshots;
  readonly #complaints: Complaints;

  constructor(options: ScalerServiceOptions) {
    this.#options = options;
    this.#snapshots = new PollSnapshots(options.answers, options.clock);
    this.#complaints = new Complaints(options.logger);
  }

  /** The methods as the server wants them. */
  methods(): Contract {
    const { answers, streams, streamMs } = this.#options;
    const spec = (message: ScaledObjectRef): GetMetricSpecResponse => ({ metricSpecs: [this.#specOf(message)] });
    const own = (message: ScaledObjectRef): ScaledObjectRef => message;
    return {
      getMetricSpec: this.#unary("GetMetricSpec", own, spec),
      getMetrics: this.#unary(
        "GetMetrics",
        (request) => request.scaledObjectRef,
        ({ scaledObjectRef, metricName }: GetMetricsRequest) => this.#metrics(scaledObjectRef, metricName),
      ),
      isActive: this.#unary("IsActive", own, async (message) => ({
        result: (await this.#snapshots.ask(scaledRefOf(message), "active")).active,
      })),
      streamIsActive: this.#stream("StreamIsActive", (call) => {
        const ref = scaledRefOf(call.request);
        streams.follow(call, () => ({ result: answers.poll(ref).active }), streamMs);
      }),
      streamMetricSpec: this.#stream("StreamMetricSpec", (call) => streams.follow(call, () => spec(call.request))),
    };
  }

  #specOf({ scalerMetadata }: ScaledObjectRef): MetricSpec {
    return metricSpecOf(scalerMetadata, this.#options.metricName);
  }

  async #metrics(message: ScaledObjectRef | undefined, asked: string): Promise<GetMetricsResponse> {
    const ref = scaledRefOf(message);
    const spec = metricSpecOf(ref.metadata, this.#options.metricName);
    const { value } = await this.#snapshots.ask(ref, "value");
    const metricName = asked === "" ? spec.metricName : shortEnough("metricName", asked);
    // KEDA rounds up; a client that knows integers only must not see less.
    return { metricValues: [{ metricName, metricValue: Math.ceil(value), metricValueFloat: value }] };
  }

  #unary<Request, Reply>(
    method: string,
    refOf: (request: Request) => ScaledObjectRef | undefined,
    answer: (request: Request) => Reply | Promise<Reply>,
  ): (call: ServerUnaryCall<Request, Reply>, reply: sendUnaryData<Reply>) => void {
    const respond = async (request: Request, reply: sendUnaryData<Reply>): Promise<void> => {
      const startMs = this.#options.clock.monotonicMs();
      try {
        const message = await answer(request);
        this.#told(method, refOf(request), { startMs, failure: null });
        reply(null, message);
      } catch (error) {
        const failure = failureOf(error);
        this.#told(method, refOf(request), { startMs, failure });
        reply(failure);
      }
    };
    return ({ request }, reply) => void respond(request, reply);
  }

  #stream<Reply>(
    method: string,
    open: (call: ServerWritableStream<ScaledObjectRef, Reply>) => void,
  ): (call: ServerWritableStream<ScaledObjectRef, Reply>) => void {
    return (call) => {
      const startMs = this.#options.clock.monotonicMs();
      let failure: Failure | null = null;
      call.on("error", (error) => {
        failure = error as unknown as Failure;
        this.#complaints.hear(method, named(call.request), failure);
      });
      try {
        if (this.#options.streams.size >= limits.openStreams)
          throw new NotKnown(`${limits.openStreams} streams are open`);
        open(call);
      } catch (error) {
        call.emit("error", failureOf(error));
      }
      this.#told(method, call.request, { startMs, failure });
    };
  }

  #told(
    method: string,
    request: ScaledObjectRef | undefined,
    { startMs, failure }: { readonly startMs: number; readonly failure: Failure | null },
  ): void {
    const durationMs = this.#options.clock.monotonicMs() - startMs;
    this.#options.observer.answered({ method, code: status[failure?.code ?? status.OK], durationMs });
    this.#complaints.hear(method, named(request), failure);
  }
}

function named(request: ScaledObjectRef | undefined): { readonly namespace: string; readonly name: string } {
  return { namespace: clip(request?.namespace ?? ""), name: clip(request?.name ?? "") };
}
