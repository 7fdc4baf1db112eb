/** The version of Node that has the calendar's Temporal. */
const withTemporal = 26;

/**
 * Commands that read CARLA's calendar need a Node that knows calendars.
 *
 * @throws Error naming what there is and what would do
 */
export function needTemporal(command: string, version = process.version): void {
  if ("Temporal" in globalThis && Number.parseInt(version.slice(1), 10) >= withTemporal) return;
  throw new Error(
    `${command} needs Node ${withTemporal} or later for its calendar, and this is ${version}: take the program in one file, which brings its own`,
  );
}
