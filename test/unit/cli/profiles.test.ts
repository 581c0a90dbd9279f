import { describe, expect, test } from "vitest";
import { addProfiles } from "../../../src/cli/profiles.js";
import { isDevkitError } from "../../../src/base/errors.js";
import { egressSettings } from "../support/egress.js";

const added = (names: string[], own: ("dns" | "open" | "hardened")[] = []) =>
  addProfiles(egressSettings({}, own), names).project.profiles;

describe("profiles of the command line", () => {
  test("come on top of those of the settings, each once", () => {
    expect(added([])).toEqual([]);
    expect(added([], ["dns"])).toEqual(["dns"]);
    expect(added(["hardened", " dns", "dns "], ["dns"])).toEqual(["dns", "hardened"]);
  });

  test("change nothing else", () => {
    const settings = egressSettings({ allow: ["github.com"] });
    expect(addProfiles(settings, ["open"])).toEqual(egressSettings({ allow: ["github.com"] }, ["open"]));
    expect(settings.project.profiles).toEqual([]);
  });

  test.each(["opn", "", "Open", "open hardened"])("%j is none: the failure names those there are", (name) => {
    const failure = () => {
      try {
        added(["dns", name]);
        return undefined;
      } catch (error) {
        return error;
      }
    };
    const error = failure();
    if (!isDevkitError(error)) throw new Error("it was taken");
    expect([error.code, error.exitCode]).toEqual(["E_USAGE", 2]);
    expect(error.message).toContain(JSON.stringify(name));
    expect(error.hint).toBe("one of: --profile hardened, --profile dns, --profile open");
  });
});
