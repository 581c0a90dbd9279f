import type { HostileAct } from "./attack.js";
import { defineAttacks } from "./suite.js";

/** A commit of a tree that git itself would not make: mode, name (with printf's escapes), content. */
const literal = (mode: string, name: string, content: string) =>
  `blob=$(printf '${content}' | git hash-object -w --stdin)
   { printf '${mode} ${name}\\0'; printf "$(sed 's/../\\\\x&/g' <<<$blob)"; } >/tmp/tree
   git reset -q --soft $(git commit-tree -p HEAD -m bad $(git hash-object -w -t tree --literally /tmp/tree))`;

const ACTS: readonly HostileAct[] = [
  { name: "a file named .git", script: literal("100644", ".git", "gitdir: /root"), refused: true },
  { name: "a file named .GIT", script: literal("100644", ".GIT", "gitdir: /root"), refused: true },
  { name: "a file named git~1", script: literal("100644", "git~1", "gitdir: /root"), refused: true },
  { name: "a file named ..", script: literal("100644", "..", "x"), refused: true },
  { name: "a path with a slash in its name", script: literal("100644", "../../hooks/x", "x"), refused: true },
  {
    name: "a .gitmodules that is a link",
    script: literal("120000", ".gitmodules", "/etc/passwd"),
    refused: true,
  },
  {
    name: "a .gitmodules whose name leaves the directory",
    script: literal("100644", ".gitmodules", '[submodule "../../hooks"]\\n\\tpath = x\\n\\turl = x\\n'),
    refused: true,
  },
  {
    name: "a .gitmodules that runs a program",
    script: literal(
      "100644",
      ".gitmodules",
      '[submodule "x"]\\n\\tpath = x\\n\\turl = ext::touch x\\n\\tupdate = !touch x\\n',
    ),
    refused: true,
  },
  {
    name: "a gitlink that .gitmodules knows of",
    script: `git init -q lib; git -C lib commit -q --allow-empty -m x; git -C lib config core.fsmonitor "$(trap_for gitlink)"
      printf '[submodule "lib"]\\n\\tpath = lib\\n\\turl = ./lib\\n' >.gitmodules
      git -c core.fsmonitor= add .gitmodules lib; git commit -qm lib; touch lib/x`,
  },
  {
    name: "paths that are not UTF-8, with line breaks and escape sequences",
    script: `for name in $'\\377\\376' $'line\\nfeed' $'red\\033[31m' $'c1\\302\\233' $'rtl\\342\\200\\256' $'bell\\007' '--help' '-rf' ' ' '"' "'"; do
        echo x >"./$name"; done
      git add -A; git commit -qm $'subject \\033]0;owned\\007'; for name in $'un\\033[31mtracked\\377' ; do echo x >"$name"; done`,
    refused: false,
  },
  {
    name: "a .gitignore that is a pipe",
    script: "mkfifo .gitignore src/.gitignore; git commit -q --allow-empty -m x",
    refused: false,
  },
  {
    name: "a .gitattributes that is a pipe",
    script: "mkfifo .gitattributes src/.gitattributes; touch -d tomorrow README.md src/app.js",
  },
  {
    name: "a .gitignore and a .gitattributes of gigabytes",
    script: "truncate -s 3G .gitignore; truncate -s 3G .gitattributes; touch -d tomorrow README.md",
  },
  {
    name: "a .gitignore, .gitattributes and .gitmodules that lead to the host",
    script:
      "for name in .gitignore .gitattributes .gitmodules .mailmap; do ln -s /dev/zero $name; done; ln -s /etc src/etc; ln -s /proc/self/root root",
  },
  {
    name: "tracked files that became pipes, directories and terabytes",
    script: "rm README.md; mkfifo README.md; rm src/app.js; mkdir src/app.js; truncate -s 1T src/lib/util.js",
  },
  {
    name: "a .gitmodules that is a pipe",
    script: "mkfifo .gitmodules",
  },
  {
    name: "attributes that name every driver",
    script: `printf '* filter=lfs diff=astextplain merge=union text eol=crlf working-tree-encoding=UTF-16 ident export-subst\\n' >.gitattributes
      git add -A; git commit -qm attributes`,
  },
  {
    name: "directories without end, and ones that nobody may read",
    script: `d=.; for i in $(seq 200); do d=$d/directory-$i; mkdir $d || break; cd $d; d=.; done; cd "$W"; mkdir closed; echo x >closed/x; chmod 000 closed`,
  },
  {
    name: "links from its home and its private git dir to the host",
    script: `ln -sfn "$W/../../.." ~/.config; ln -sfn "$W/../../../.git/config" ~/.gitconfig; ln -sfn "$W/../../../.git/config" ~/.gitconfig.devkit
      rm -rf ~/.ssh $G/info $G/hooks; ln -s "$W/../../../.git" ~/.ssh; ln -s "$W/../../../.git/info" $G/info; ln -s "$W/../../../.git/hooks" $G/hooks
      mv $G/objects $G/old; ln -s "$W/../../../.git/objects" $G/objects; ln -sfn "$W/../../../.git/HEAD" $G/HEAD`,
  },
  {
    name: "its home, worktree and private git dir swapped for links, .devkit in its worktree too",
    script: `rm -rf "$W/.devkit"; ln -s "$W/../../../.git" "$W/.devkit"; mv ~ ~.old; ln -s / ~; mv "$W" "$W.old"; ln -s / "$W"; mv $G $G.old; ln -s / $G
      cd ~ && find . -mindepth 1 -delete; ln -s "$W/../../../.git" ~/.local; ln -s "$W/../../../.git" ~/.cache`,
  },
];

defineAttacks(ACTS);
