/** Presets of package managers: their hosts are whatever this user's own tools are configured with. */
export const ASKED_PRESETS = ["npm", "pip", "cargo", "go", "maven", "coursier", "apt"] as const;

export type AskedPreset = (typeof ASKED_PRESETS)[number];

/** What a preset with a plain list stands for. */
const LISTS = {
  github: [
    "api.github.com",
    "codeload.github.com",
    "github.com",
    "github-cloud.githubusercontent.com",
    "github-cloud.s3.amazonaws.com",
    "media.githubusercontent.com",
    "objects.githubusercontent.com",
    "raw.githubusercontent.com",
    "release-assets.githubusercontent.com",
    "ssh.github.com",
    "uploads.github.com",
  ],
  codex: ["api.openai.com", "auth.openai.com", "chatgpt.com"],
  claude: ["api.anthropic.com", "claude.ai", "claude.com", "console.anthropic.com", "platform.claude.com"],
} as const satisfies Record<string, readonly string[]>;

export type ListPreset = keyof typeof LISTS;
export type PresetName = AskedPreset | ListPreset;

export const PRESETS: readonly PresetName[] = [...ASKED_PRESETS, ...(Object.keys(LISTS) as ListPreset[])];

/** The hosts of one preset. */
export interface PresetAnswer {
  /** Sorted names as `parseHostPattern` takes them. */
  readonly hosts: readonly string[];
  /** What the tool is configured with and agents cannot reach, without credentials. */
  readonly unusable: readonly UnusableUrl[];
  /** What could not be found out, each a sentence for the user that says what to do. */
  readonly notes: readonly string[];
}

export interface UnusableUrl {
  readonly url: string;
  /** Completes "<url> …". */
  readonly why: string;
}

export function isPresetName(text: string): text is PresetName {
  return (PRESETS as readonly string[]).includes(text);
}

/** Whether a preset's hosts have to be asked for. */
export function isAskedPreset(preset: PresetName): preset is AskedPreset {
  return (ASKED_PRESETS as readonly string[]).includes(preset);
}

/** The hosts of a preset that is a plain list. */
export function presetList(preset: ListPreset): readonly string[] {
  return LISTS[preset];
}
