const grouped = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const digits = (most: number): Intl.NumberFormat => new Intl.NumberFormat("en", { maximumFractionDigits: most });
const two = digits(2);
const three = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });
const money = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

/** What is not known is said, and never written as a number. */
const unknown = "unknown";

/** @param value null: it is not known */
export function orUnknown<T>(value: T | null, text: (value: T) => string): string {
  return value === null ? unknown : text(value);
}

/** Millicores as Kubernetes people read them: 250m, 1.25, 1,200. */
export function cpuText(milli: number): string {
  if (Math.abs(milli) < 1000) return `${Math.round(milli)}m`;
  return Math.abs(milli) < 100_000 ? two.format(milli / 1000) : grouped.format(milli / 1000);
}

/** Millicores as cores, for sums over a cluster. */
export function coresText(milli: number): string {
  return Math.abs(milli) < 100_000 ? digits(1).format(milli / 1000) : grouped.format(milli / 1000);
}

/** A price per core, from 0. */
export function priceText(price: number): string {
  return price >= 1000 ? grouped.format(price) : three.format(price);
}

export function countText(count: number): string {
  return grouped.format(count);
}

/** @param share 0 to 1 */
export function shareText(share: number): string {
  return `${grouped.format(share * 100)} %`;
}

export function numberText(value: number): string {
  return Math.abs(value) >= 1000 ? grouped.format(value) : three.format(value);
}

/** Whole units of whatever currency the price is in. */
export function moneyText(amount: number): string {
  return money.format(amount);
}

/** How long, in the two largest units: 3 d 4 h, 5 min, 12 s. */
export function spanText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return minutes < 10 && seconds % 60 > 0 ? `${minutes} min ${seconds % 60} s` : `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 > 0 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
  const days = Math.floor(hours / 24);
  return hours % 24 > 0 ? `${days} d ${hours % 24} h` : `${days} d`;
}

/** Of the reader's own zone. */
export function clockText(atMs: number): string {
  return new Date(atMs).toLocaleTimeString("en-GB");
}

/** Day and minute: Mon 30 Nov, 20:00. @param zone IANA name; undefined: the reader's own */
export function dayText(atMs: number, zone?: string): string {
  return new Date(atMs).toLocaleString("en-GB", {
    weekday: "short",
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
    ...(zone === undefined ? {} : { timeZone: zone }),
  });
}
