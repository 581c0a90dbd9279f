import { formatSize } from "../../base/sizes.js";
import { formatTable } from "./table.js";

interface ImageView {
  readonly id: string;
  readonly references: readonly string[];
  readonly kind: string;
  readonly base: string | undefined;
  readonly sizeBytes: number;
  readonly createdAt: Date;
  readonly wanted: boolean;
  readonly users: readonly {
    readonly container: string;
    readonly agentName: string | undefined;
    readonly root: string | undefined;
  }[];
}

/** An image as JSON. */
export function imageData({ id, references, kind, base, sizeBytes, createdAt, wanted, users }: ImageView) {
  return {
    id,
    references,
    kind,
    base: base ?? null,
    bytes: sizeBytes,
    created: createdAt.toISOString(),
    wanted,
    users: users.map(({ container, agentName, root }) => ({
      container,
      agent: agentName ?? null,
      project: root ?? null,
    })),
  };
}

/** Its first tag, or the start of its id where it has none. */
export function imageName({ references, id }: Pick<ImageView, "references" | "id">): string {
  return references[0] ?? id.replace("sha256:", "").slice(0, 12);
}

export function imageTable(images: readonly ReturnType<typeof imageData>[]): string {
  if (images.length === 0) return "No images. Build them: devkit image build";
  const rows = images.map((image) => [
    imageName(image),
    image.kind,
    formatSize(image.bytes),
    image.created.replace("T", " ").slice(0, 16),
    image.base ?? "-",
    usedBy(image),
  ]);
  return formatTable(["IMAGE", "KIND", "SIZE", "MADE", "BASE", "USED BY"], rows);
}

function usedBy({ wanted, users }: ReturnType<typeof imageData>): string {
  const byProject = new Map<string, string[]>();
  for (const { container, agent, project } of users) {
    const where = project ?? "";
    byProject.set(where, [...(byProject.get(where) ?? []), agent ?? container]);
  }
  const names = [...byProject].map(
    ([project, agents]) => `${[...new Set(agents)].join(", ")}${project === "" ? "" : ` of ${project}`}`,
  );
  return [...(wanted ? ["these settings"] : []), ...names].join("; ") || "-";
}
