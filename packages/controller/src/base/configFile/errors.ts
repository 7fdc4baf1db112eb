import { InputError } from "@walras/kit";

import type { Place } from "./document.ts";

/** What is wrong in one place of a file. */
export interface FileComplaint {
  readonly place: Place;
  /** Names the key and the value. */
  readonly message: string;
}

/** A file that is refused as a whole: a line for everything that is wrong with it, each with its place. */
export class ConfigFileError extends InputError {
  override readonly name = "ConfigFileError";
  readonly complaints: readonly FileComplaint[];

  constructor(file: string, complaints: readonly FileComplaint[]) {
    const lines = complaints.map(({ place, message }) => `${file}:${place.line}:${place.column}: ${message}`);
    super(lines.join("\n"));
    this.complaints = complaints;
  }
}
