import { beforeEach, describe, expect, test } from "vitest";
import { listImages, type ImagesRequest } from "../../../../src/app/images/list-images.js";
import { pruneImages, type PruneImagesRequest } from "../../../../src/app/images/prune-images.js";
import type { BuiltImage } from "../../../../src/app/ports-images.js";
import { DEFAULT_SETTINGS, type Settings } from "../../../../src/domain/settings/settings.js";
import { createWorld, type World } from "../../fakes/world.js";
import { errorOf } from "../../support/temp.js";

const NOW = new Date(Date.UTC(2030, 0, 2));
const HOUR_MS = 3_600_000;

let world: World;

beforeEach(() => {
  world = createWorld();
});

/** An image of another project, built a day ago. */
function keep(id: string, change: Partial<BuiltImage> = {}): void {
  world.engine.kept.push({
    id: `sha256:${id.padEnd(64, "0")}`,
    references: [`devkit-agent:${id}`],
    kind: "agent",
    base: undefined,
    sizeBytes: 1,
    createdAt: new Date(NOW.getTime() - 24 * HOUR_MS),
    ...change,
  });
}

const use = (id: string, change: object = {}) =>
  world.engine.imageUsers.push({
    imageId: `sha256:${id.padEnd(64, "0")}`,
    container: "some-name",
    agentName: undefined,
    root: undefined,
    ...change,
  });

const request = (settings: Settings = DEFAULT_SETTINGS): ImagesRequest => ({
  settings,
  settingsOf: () => settings,
  host: world.host,
  signal: new AbortController().signal,
});

const prune = async (change: Partial<PruneImagesRequest> = {}) => {
  const all = { ...request(), named: [], apply: false, now: NOW, ...change };
  const judged = await pruneImages(world.deps, all);
  return judged
    .filter(({ image }) => world.engine.kept.includes(image) || !image.references[0]?.match(/:[0-9a-f]{12}$/))
    .map(({ image, removable, removed, reason }) => {
      const name = image.references[0] ?? image.id.slice(7, 19);
      return `${name}: ${removed ? "removed" : removable ? "may go" : "kept"}, it ${reason}`;
    });
};

describe("which images may go", () => {
  test("those that no container uses", async () => {
    keep("old");
    keep("used");
    use("used", { agentName: "agent-1", root: "/home/me/app" });
    use("used", { agentName: "agent-1", root: "/home/me/app" });
    keep("strange");
    use("strange");
    expect(await prune()).toEqual([
      "devkit-agent:old: may go, it is used by no container",
      "devkit-agent:used: kept, it is used by agent-1 of /home/me/app",
      "devkit-agent:strange: kept, it is used by some-name",
    ]);
  });

  test("never those that the settings ask for, nor what those are built on", async () => {
    const images = await listImages(world.deps, request());
    expect(images.map(({ kind, wanted }) => [kind, wanted])).toEqual([
      ["agent", true],
      ["egress", true],
    ]);
    const judged = await pruneImages(world.deps, { ...request(), named: [], apply: true, now: NOW });
    expect(judged.map(({ removed, reason }) => [removed, reason])).toEqual([
      [false, "is what the settings of this project ask for"],
      [false, "is what the settings of this project ask for"],
    ]);
  });

  test("not the base of one that stays, but of one that goes", async () => {
    const base = { kind: "base", references: ["devkit-base:b"] };
    keep("b", base);
    keep("top", { base: "devkit-base:b" });
    expect(await prune()).toEqual([
      "devkit-base:b: may go, it is used by no container",
      "devkit-agent:top: may go, it is used by no container",
    ]);
    use("top");
    expect((await prune())[0]).toBe("devkit-base:b: kept, it is what devkit-agent:top is built on");
  });

  test("not those of the last hour, unless they are named", async () => {
    keep("young", { createdAt: new Date(NOW.getTime() - HOUR_MS + 1) });
    keep("old", { createdAt: new Date(NOW.getTime() - HOUR_MS) });
    expect(await prune()).toEqual([
      "devkit-agent:young: kept, it was built less than an hour ago",
      "devkit-agent:old: may go, it is used by no container",
    ]);
    expect(await prune({ named: ["devkit-agent:young"] })).toEqual([
      "devkit-agent:young: may go, it is used by no container",
    ]);
  });

  test("what builds left besides", async () => {
    keep("abcdef", { references: [], kind: "npm" });
    expect(await prune()).toEqual([
      "abcdef000000: may go, it is what a build left; the next one makes it again",
    ]);
  });
});

describe("with --apply", () => {
  test("they go, and nothing else", async () => {
    keep("old");
    keep("used");
    use("used");
    await prune({ apply: true });
    expect(world.engine.changes).toEqual(["remove image devkit-agent:old"]);
  });

  test("one that somebody has begun to use meanwhile stays, and is said to", async () => {
    keep("old");
    world.engine.removeImage = () => Promise.resolve(false);
    expect(await prune({ apply: true })).toEqual([
      "devkit-agent:old: kept, it is something that the engine still needs",
    ]);
  });
});

describe("named", () => {
  test("only those are judged, by name, by id, or by the start of an id of twelve digits", async () => {
    keep("abcdefabcdef", { references: ["devkit-agent:x", "devkit-agent:y"] });
    keep("other");
    for (const name of ["devkit-agent:y", "abcdefabcdef", "sha256:abcdefabcdef00"])
      expect(await prune({ named: [name] })).toHaveLength(1);
  });

  test("an image that devkit has not built is none of its own", async () => {
    const error = await errorOf(prune({ named: ["debian:bookworm-slim"], apply: true }));
    expect(error).toMatchObject({ code: "E_IMAGE_UNKNOWN", exitCode: 4 });
  });
});
