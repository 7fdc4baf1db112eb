import { marketBed } from "../harness/marketBed.ts";
import { faultsOfPrograms } from "./faults/programs.ts";
import { faultsOfResizes } from "./faults/resizes.ts";

const bed = marketBed("faults", "node1");
faultsOfPrograms(bed);
faultsOfResizes(bed);
