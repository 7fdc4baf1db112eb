/** Beyond so many different records all are forgotten: whoever holds one goes on holding it. */
const most = 5_000;

const records = new Map<string, object>();

/** The same record as one object: pods of one template declare the same. */
export function shared<Value extends Readonly<Record<string, number | string>>>(value: Value): Value {
  const text = JSON.stringify(value);
  const known = records.get(text);
  // What has the same text has the same keys and values, and so the same type.
  if (known !== undefined) return known as Value;
  if (records.size >= most) records.clear();
  records.set(text, value);
  return value;
}
