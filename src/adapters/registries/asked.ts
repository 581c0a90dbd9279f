/** What asking one package manager needs. */
export interface AskContext {
  /** The primary's root: settings that only select registries may come from it, and nothing in it is run. */
  readonly root: string;
  readonly home: string;
  readonly env: Readonly<Partial<Record<string, string>>>;
  readonly signal: AbortSignal;
}

/** What a package manager downloads from, as it says itself, credentials and all. */
export interface Asked {
  readonly urls: readonly string[];
  readonly notes: readonly string[];
}
