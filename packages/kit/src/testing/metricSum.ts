/** Over all series of a metric whose labels the pattern has, in the text of a program's metrics. */
export function metricSum(text: string, metric: string, labels = ".*"): number {
  const series = new RegExp(`^${metric}(?:\\{${labels}\\})? (\\S+)$`, "gm");
  return [...text.matchAll(series)].reduce((total, [, value]) => total + Number(value), 0);
}
