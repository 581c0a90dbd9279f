/** The URLs of apt's sources, one-line and deb822; `text`: all files, one after another. */
export function aptUrls(text: string): string[] {
  return text.split("\n").flatMap((line) => {
    const classic = /^\s*deb(?:-src)?\s+(?:\[[^\]]*\]\s+)?(\S+)/.exec(line)?.[1];
    const deb822 = /^URIs:\s*(.*)$/i.exec(line)?.[1];
    return classic !== undefined ? [classic] : (deb822?.split(/\s+/) ?? []).filter((url) => url !== "");
  });
}
