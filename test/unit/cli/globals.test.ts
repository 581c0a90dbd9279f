import { Command as Program } from "commander";
import { expect, test } from "vitest";
import { addGlobalOptions, GLOBAL_OPTIONS, readGlobals } from "../../../src/cli/globals.js";

/** A program of three levels, each with the global options, and the deepest level's own view of a command line. */
function parse(...argv: string[]) {
  const root = addGlobalOptions(new Program("devkit").enablePositionalOptions().exitOverride());
  const group = addGlobalOptions(root.command("group").enablePositionalOptions());
  const leaf = addGlobalOptions(group.command("leaf")).action(() => undefined);
  root.parse(argv, { from: "user" });
  return readGlobals(leaf);
}

test("every global option is read from every level", () => {
  expect(GLOBAL_OPTIONS).toHaveLength(8);
  for (const place of [0, 1, 2]) {
    const argv = ["group", "leaf"];
    argv.splice(
      place,
      0,
      "--json",
      "--verbose",
      "--no-color",
      "--offline",
      "--config",
      "f",
      "--directory",
      "d",
      "--overlay",
      "o",
      "--profile",
      "dns,open",
    );
    expect(parse(...argv)).toEqual({
      directory: "d",
      config: "f",
      overlays: ["o"],
      profiles: ["dns", "open"],
      json: true,
      verbose: true,
      color: false,
      offline: true,
    });
  }
});

test("of a value given on several levels the innermost counts", () => {
  expect(parse("-C", "a", "group", "-C", "b", "leaf")).toMatchObject({ directory: "b" });
  expect(parse("--config", "a", "group", "leaf", "--config", "c")).toMatchObject({ config: "c" });
});

test("profiles add up, those of one option and those of several levels", () => {
  const { profiles } = parse("--profile", "dns,open", "group", "leaf", "--profile", "hardened");
  expect([...profiles].sort()).toEqual(["dns", "hardened", "open"]);
});

test("a switch that is off further in does not undo one that is on further out", () => {
  expect(parse("--json", "group", "leaf")).toMatchObject({ json: true, verbose: false, color: true });
});
