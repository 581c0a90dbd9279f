import { styleText } from "node:util";

type Style = "red" | "green" | "yellow" | "cyan" | "blue" | "magenta" | "dim" | "bold";

/** Colours text, or leaves it alone. */
export type Paint = (style: Style, text: string) => string;

export function createPaint(color: boolean): Paint {
  return (style, text) => (color ? styleText(style, text, { validateStream: false }) : text);
}
