import type { Registries } from "../../../src/app/ports-presets.js";
import type { AskedPreset, PresetAnswer } from "../../../src/domain/egress/presets.js";

/** Package managers that are configured with whatever a test says; nothing otherwise. */
export interface FakeRegistries extends Registries {
  readonly answers: Map<AskedPreset, PresetAnswer>;
  readonly asked: AskedPreset[];
}

export function createFakeRegistries(): FakeRegistries {
  const answers = new Map<AskedPreset, PresetAnswer>();
  const asked: AskedPreset[] = [];
  return {
    answers,
    asked,
    ask(preset) {
      asked.push(preset);
      return Promise.resolve(answers.get(preset) ?? { hosts: [], unusable: [], notes: [] });
    },
  };
}
