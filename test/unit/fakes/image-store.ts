import type { ImageInfo } from "../../../src/app/ports-engine.js";
import type { BuiltImage, ImageStore, ImageUser } from "../../../src/app/ports-images.js";

export interface FakeImageStore extends ImageStore {
  /** What `listImages` answers besides what was built: stages, and images of other projects. */
  readonly kept: BuiltImage[];
  readonly imageUsers: ImageUser[];
}

/** The images in memory; devkit's are those with its names. */
export function createFakeImageStore(images: Map<string, ImageInfo>, changes: string[]): FakeImageStore {
  const kept: BuiltImage[] = [];
  const imageUsers: ImageUser[] = [];
  return {
    kept,
    imageUsers,
    listImages() {
      const own = [...images].flatMap(([reference, { id, sizeBytes }]): BuiltImage[] => {
        const kind = /^devkit-(agent|egress|base):/.exec(reference)?.[1];
        if (kind === undefined) return [];
        return [{ id, references: [reference], kind, base: undefined, sizeBytes, createdAt: new Date(0) }];
      });
      return Promise.resolve([...own, ...kept]);
    },
    listImageUsers: () => Promise.resolve(imageUsers),
    removeImage({ id, references }) {
      if (imageUsers.some((user) => user.imageId === id)) return Promise.resolve(false);
      for (const reference of references) images.delete(reference);
      const position = kept.findIndex((one) => one.id === id);
      if (position !== -1) kept.splice(position, 1);
      changes.push(`remove image ${references[0] ?? id}`);
      return Promise.resolve(true);
    },
  };
}
