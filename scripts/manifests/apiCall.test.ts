import { expect, it } from "vitest";

import { apiCall } from "./apiCall.ts";

it.each([
  ["GET", "/api/v1/pods?limit=500", "list pods"],
  ["GET", "/api/v1/pods?watch=true&allowWatchBookmarks=true", "watch pods"],
  ["GET", "/api/v1/nodes/n1", "get nodes"],
  ["GET", "/api/v1/namespaces", "list namespaces"],
  ["GET", "/api/v1/namespaces/shop", "get namespaces"],
  ["PATCH", "/api/v1/namespaces/shop/pods/cart/resize", "patch pods/resize in shop"],
  ["POST", "/api/v1/namespaces/shop/pods/cart/eviction", "create pods/eviction in shop"],
  ["PUT", "/apis/coordination.k8s.io/v1/namespaces/a/leases/l", "update leases.coordination.k8s.io in a"],
  ["PATCH", "/apis/x.io/v1/namespaces/a/things/t/status", "patch things.x.io/status in a"],
  ["DELETE", "/apis/x.io/v1/namespaces/a/things/t", "delete things.x.io in a"],
  ["DELETE", "/apis/x.io/v1/namespaces/a/things", "deletecollection things.x.io in a"],
  ["POST", "/apis/authentication.k8s.io/v1/tokenreviews", "create tokenreviews.authentication.k8s.io"],
])("%s %s is %s", (method, target, expected) => {
  const call = apiCall(method, target);
  expect(`${call?.verb} ${call?.resource}${call?.namespace ? ` in ${call.namespace}` : ""}`).toBe(expected);
});

it.each(["/version", "/api", "/api/v1", "/apis/x.io/v1", "/readyz"])("%s is no resource", (target) => {
  expect(apiCall("GET", target)).toBeUndefined();
});
