import { expect, it } from "vitest";

import { ApiError, asking } from "./client.ts";
import { sessionTokens, tokenIn } from "./token.ts";

const answering = (answer: () => Response | Promise<Response>): { fetch: typeof fetch; asked: Request[] } => {
  const asked: Request[] = [];
  const fetch = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    asked.push(new Request(new URL(input instanceof Request ? input.url : input, "http://walras/prefix/"), init));
    return answer();
  };
  return { fetch, asked };
};

it("asks below the page, with the token where there is one", async () => {
  const { fetch, asked } = answering(() => Response.json({ ok: true }));
  let token: string | null = null;
  const api = asking(fetch, () => token);
  expect(await api.ask("nodes/a")).toEqual({ ok: true });
  token = "secret";
  await api.ask("me");
  expect(asked.map(({ url, headers }) => [url, headers.get("authorization")])).toEqual([
    ["http://walras/prefix/api/nodes/a", null],
    ["http://walras/prefix/api/me", "Bearer secret"],
  ]);
});

it("says what the controller says is wrong", async () => {
  const said = asking(answering(() => Response.json({ error: "who are you?" }, { status: 401 })).fetch, () => null);
  await expect(said.ask("me")).rejects.toMatchObject({ name: "ApiError", status: 401, message: "who are you?" });
  const mute = asking(answering(() => new Response("<html>", { status: 502 })).fetch, () => null);
  await expect(mute.follow("events", AbortSignal.timeout(5_000))).rejects.toMatchObject({
    status: 502,
    message: "it answered 502",
  });
});

it("tells no answer, and half an answer, from a refusal", async () => {
  const broken = asking(answering(() => Promise.reject(new TypeError("fetch failed"))).fetch, () => null);
  await expect(broken.ask("me")).rejects.toEqual(new ApiError(0, "the controller does not answer"));
  const half = asking(answering(() => new Response('{"a":')).fetch, () => null);
  await expect(half.ask("me")).rejects.toMatchObject({ status: 0, message: "the answer broke off" });
});

it("keeps the token for the tab, and takes it out of the address", () => {
  const kept = new Map<string, string>();
  const tokens = sessionTokens({
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
  });
  tokens.write("secret");
  expect(tokens.read()).toBe("secret");
  tokens.write(null);
  expect([tokens.read(), kept.size]).toEqual([null, 0]);
  expect(tokenIn("#token=a%2Bb&to=/gpus")).toEqual({ token: "a+b", fragment: "#/gpus" });
  expect(tokenIn("#token=abc")).toEqual({ token: "abc", fragment: "#/cpu" });
  expect([tokenIn("#/cpu"), tokenIn("#token=")]).toEqual([null, null]);
});
