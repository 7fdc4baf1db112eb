export const themes = ["system", "light", "dark"] as const;

export type Theme = (typeof themes)[number];

export function themeAfter(theme: Theme): Theme {
  return themes[(themes.indexOf(theme) + 1) % themes.length] ?? "system";
}

/** @param stored as it was kept; null: it never was */
export function parseTheme(stored: string | null): Theme {
  return themes.find((theme) => theme === stored) ?? "system";
}
