import type { Socket } from "node:net";

import { type ChannelCredentials, credentials as channel } from "@grpc/grpc-js";
import { type Clock, silentLogger, systemClock } from "@walras/kit";
import {
  ExternalScalerClient,
  type GetMetricSpecResponse,
  type GetMetricsResponse,
  type IsActiveResponse,
  type ScaledObjectRef,
} from "@walras/proto/externalscaler";

import type { ScaledRef } from "../../decide/asker.ts";
import { NotKnown } from "../../decide/notKnown.ts";
import { ExternalScalerServer } from "../server.ts";
import type { Answered } from "../service.ts";
import type { TlsFiles } from "../../../../base/config/tlsFiles.ts";

/** What a trigger is answered, in the hands of the test. */
export class FakeAnswers {
  value = 3;
  /** Thrown instead of an answer. */
  failure: Error | null = null;
  polls = 0;

  poll(_ref: ScaledRef): { value: number; active: boolean } {
    this.polls += 1;
    if (this.failure) throw this.failure;
    return { value: this.value, active: this.value > 0 };
  }

  loseTelemetry(message: string): void {
    this.failure = new NotKnown(message);
  }
}

export interface RigOptions {
  readonly tls?: TlsFiles;
  readonly clock?: Clock;
  readonly http1?: (socket: Socket) => void;
  readonly accepts?: () => boolean;
}

/** A server on a free port, and what is needed to ask it. */
export interface ScalerRig {
  readonly server: ExternalScalerServer;
  readonly answers: FakeAnswers;
  readonly answered: readonly Answered[];
  readonly health: { serving: boolean };
  readonly target: string;
  client(credentials?: ChannelCredentials): ExternalScalerClient;
  close(): Promise<void>;
}

export async function scalerRig({ tls, clock = systemClock, http1, accepts }: RigOptions = {}): Promise<ScalerRig> {
  const answers = new FakeAnswers();
  const answered: Answered[] = [];
  const health = { serving: true };
  const server = new ExternalScalerServer({
    address: "127.0.0.1:0",
    tls,
    ...(http1 && { http1 }),
    ...(accepts && { accepts }),
    answers,
    serving: () => health.serving,
    clock,
    logger: silentLogger,
    observer: { answered: (call) => answered.push(call) },
  });
  await server.start();
  const target = `localhost:${server.port}`;
  const clients: ExternalScalerClient[] = [];
  const client = (credentials = channel.createInsecure()): ExternalScalerClient => {
    const made = new ExternalScalerClient(target, credentials, { "grpc.use_local_subchannel_pool": 1 });
    clients.push(made);
    return made;
  };
  const close = async (): Promise<void> => {
    for (const made of clients) made.close();
    await server.stop();
  };
  return { server, answers, answered, health, target, client, close };
}

export function aRef(scalerMetadata: Record<string, string> = {}): ScaledObjectRef {
  return { name: "analyzer", namespace: "posture", scalerMetadata };
}

export function getMetricSpec(client: ExternalScalerClient, ref: ScaledObjectRef): Promise<GetMetricSpecResponse> {
  return reply((done) => client.getMetricSpec(ref, done));
}

export function getMetrics(
  client: ExternalScalerClient,
  scaledObjectRef: ScaledObjectRef | undefined,
): Promise<GetMetricsResponse> {
  return reply((done) => client.getMetrics({ ...(scaledObjectRef && { scaledObjectRef }), metricName: "m" }, done));
}

export function isActive(client: ExternalScalerClient, ref: ScaledObjectRef): Promise<IsActiveResponse> {
  return reply((done) => client.isActive(ref, done));
}

/** A call's reply as a promise. @throws ServiceError */
export function reply<Reply>(call: (done: (error: Error | null, value: Reply) => void) => unknown): Promise<Reply> {
  return new Promise((resolve, reject) => {
    call((error, value) => (error ? reject(error) : resolve(value)));
  });
}
