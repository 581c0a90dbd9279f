/** Text that somebody else wrote, without what would move or colour the reader's terminal. Tabs stay. */
export function withoutControls(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what this removes
  return text.replaceAll(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/g, "");
}
