/** "1g.10gb", "1c.3g.20gb" of a compute instance, "1g.10gb+me" with media extensions: as nvidia-smi names it. */
const form = /^(?:\d+c\.)?\d+g\.\d+gb(?:[+-][a-z.\d]+)*$/;
const longest = 64;

export function isProfile(text: string): boolean {
  return text.length <= longest && form.test(text);
}
