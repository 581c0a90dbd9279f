import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { hostHooksOf } from "../../../src/cli/host-hooks-of.js";
import { loadConfig } from "../../../src/config/load.js";
import { overlayDirs } from "../../../src/config/overlay-dirs.js";
import { tempDir } from "../support/temp.js";

test("what comes with the repository, or by --config, needs approval; the user's own and devkit's do not", async () => {
  const dir = await tempDir();
  const places = {
    root: path.join(dir, "repo"),
    configHome: path.join(dir, "home/.config"),
    shippedDir: path.join(dir, "devkit/overlays"),
  };
  const user = { variables: () => undefined, home: dir };
  const write = async (directory: string, name: string) => {
    await mkdir(path.join(directory, name), { recursive: true });
    await writeFile(path.join(directory, name, "overlay.toml"), `[hooks]\nhost = ["${name}", "file"]\n`);
  };
  const [inRepo = "", own = "", shipped = ""] = overlayDirs(places);
  await write(inRepo, "theirs");
  await write(own, "mine");
  await write(shipped, "devkits");
  const needs = async (configFile?: string) => {
    const overlays = ["theirs", "mine", "devkits"];
    const loaded = await loadConfig({
      root: places.root,
      configFile,
      overlays,
      overlayDirs: overlayDirs(places),
      ...user,
    });
    return hostHooksOf(loaded, places).map(({ command, needsTrust }) => [command, needsTrust]);
  };
  const others = [
    ["theirs", true],
    ["mine", false],
    ["devkits", false],
  ];
  await writeFile(path.join(places.root, "devkit.toml"), '[hooks]\nhost = ["file"]\n');
  expect(await needs()).toEqual([["file", true], ...others]);
  await writeFile(path.join(dir, "else.toml"), '[hooks]\nhost = ["file"]\n');
  expect(await needs(path.join(dir, "else.toml"))).toEqual([["file", true], ...others]);
  const nested = { ...places, configHome: path.join(places.root, ".config") };
  await write(path.join(nested.configHome, "devkit/overlays"), "planted");
  const loaded = await loadConfig({
    root: places.root,
    overlays: ["planted"],
    overlayDirs: overlayDirs(nested),
    ...user,
  });
  expect(hostHooksOf(loaded, nested).map(({ needsTrust }) => needsTrust)).toEqual([true, true]);
});
