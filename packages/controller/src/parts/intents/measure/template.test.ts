import { expect, it } from "vitest";

import { filled } from "./template.ts";

const place = { kind: "Deployment", name: "shop/web" };

it("fills in namespace, kind, name and kind, as the prototype does", () => {
  const query = 'sum(irate(request_total{namespace="%s",%s="%s",direction="inbound"}[30s])) by (le,%s)';
  expect(filled(query, place)).toBe(
    'sum(irate(request_total{namespace="shop",deployment="web",direction="inbound"}[30s])) by (le,deployment)',
  );
});

it.each([
  ["up", "up"],
  ['up{ns="%s"}', 'up{ns="shop"}'],
  ["100 %% 3", "100 % 3"],
  ["%s %s %s %s %s", "shop deployment web deployment %s"],
])("%s is %s", (query, expected) => {
  expect(filled(query, place)).toBe(expected);
});
