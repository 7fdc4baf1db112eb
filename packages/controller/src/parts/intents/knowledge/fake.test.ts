import { knowledgeContract } from "./testing/contract.ts";
import { FakeKnowledge } from "./testing/fake.ts";

knowledgeContract("of tests", () => {
  const base = new FakeKnowledge();
  return Promise.resolve({ base, close: () => Promise.resolve() });
});
