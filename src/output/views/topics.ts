import { showText } from "../../base/show-text.js";
import { formatTable } from "./table.js";

export interface TopicRow {
  readonly id: string;
  readonly description: string;
  readonly open: number;
  readonly total: number;
}

export function topicTable(topics: readonly TopicRow[], current: string | undefined): string {
  const rows = topics.map(({ id, description, open, total }) => [
    id === current ? ">" : "",
    showText(id),
    `${String(open)}/${String(total)}`,
    showText(description),
  ]);
  return formatTable(["", "TOPIC", "OPEN", "DESCRIPTION"], rows);
}
