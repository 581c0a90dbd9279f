import { errorMessage } from "../../base/errors.js";
import type { Registries } from "../../app/ports-presets.js";
import type { AskedPreset, PresetAnswer } from "../../domain/egress/presets.js";
import { registryHosts } from "../../domain/egress/registry-urls.js";
import type { Asked, AskContext } from "./asked.js";

export interface RegistriesOptions extends Omit<AskContext, "signal"> {
  /** All of apt's source files in the agents' image, one after another; undefined when there is no image yet. */
  readonly aptSources: () => Promise<string | undefined>;
}

/** Asks the package managers that this user has, each with a deadline. */
export function createRegistries({ aptSources, ...places }: RegistriesOptions): Registries {
  return {
    async ask(preset, signal) {
      try {
        return toAnswer(await askPreset(preset, { ...places, signal }, aptSources));
      } catch (error) {
        signal.throwIfAborted();
        return toAnswer({ urls: [], notes: [`preset:${preset} could not be asked: ${errorMessage(error)}`] });
      }
    },
  };
}

function toAnswer({ urls, notes }: Asked): PresetAnswer {
  return { ...registryHosts(urls), notes };
}

// Each is loaded only when its preset is used.
async function askPreset(
  preset: AskedPreset,
  context: AskContext,
  aptSources: RegistriesOptions["aptSources"],
): Promise<Asked> {
  switch (preset) {
    case "npm":
      return (await import("./npm.js")).askNpm(context);
    case "pip":
      return (await import("./pip.js")).askPip(context);
    case "cargo":
      return (await import("./cargo.js")).askCargo(context);
    case "go":
      return (await import("./go.js")).askGo(context);
    case "maven":
      return (await import("./maven.js")).askMaven(context);
    case "coursier":
      return (await import("./coursier.js")).askCoursier(context);
    case "apt":
      return askApt(await aptSources());
  }
}

async function askApt(sources: string | undefined): Promise<Asked> {
  const { aptUrls } = await import("./apt.js");
  const urls = aptUrls(sources ?? "");
  const note =
    "the agents' image has no apt sources that devkit can read; write the names of its mirrors into [egress] allow";
  return { urls, notes: urls.length > 0 ? [] : [note] };
}
