import { BaseSequencer, type TestSpecification } from "vitest/node";

const last = "rbac.e2e.ts";

/** In the order of their names, but for the suite that looks at what all others have done. */
export class LastSuiteSequencer extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLast = ({ moduleId }: TestSpecification): number => (moduleId.endsWith(last) ? 1 : 0);
    return Promise.resolve(
      files.toSorted((one, other) => isLast(one) - isLast(other) || one.moduleId.localeCompare(other.moduleId)),
    );
  }
}
