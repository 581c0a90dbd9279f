import js from "@eslint/js";
import tseslint from "typescript-eslint";

/** Layers of src, and what each may import besides itself (docs/adr/0001). */
const LAYERS = {
  base: [],
  domain: ["base"],
  config: ["domain", "base"],
  app: ["domain", "config", "base"],
  adapters: ["app", "domain", "base"],
  output: ["domain", "base"],
  cli: ["base", "domain", "config", "app", "adapters", "output"],
  // The same as cli, but for one agent of many, and without the settings.
  broker: ["base", "domain", "app", "adapters", "output", "cli"],
};

/** Each third-party package has one owner. */
const OWNERS = {
  "@iarna/toml": "src/config",
  "toml-eslint-parser": "src/config",
  valibot: "src/config",
  yaml: "src/config",
  "jsonc-parser": "src/config",
  dockerode: "src/adapters/docker",
  "tar-fs": "src/adapters/docker",
  "simple-git": "src/adapters/git",
  execa: "src/adapters/process",
  ora: "src/output",
  commander: "src/cli",
  "@modelcontextprotocol/sdk": "src/broker",
  zod: "src/broker",
};

const packagesForbiddenIn = (folder) =>
  Object.entries(OWNERS)
    .filter(([, owner]) => !`${folder}/`.startsWith(`${owner}/`))
    .map(([name]) => ({ regex: `^${name}(/|$)`, message: `Only ${OWNERS[name]} may import ${name}.` }));

const restrict = (folder, forbiddenLayers, extra = []) => ({
  files: [`${folder}/**/*.ts`],
  rules: {
    "no-restricted-imports": [
      "error",
      {
        patterns: [
          ...packagesForbiddenIn(folder),
          ...forbiddenLayers.map((layer) => ({
            regex: `^(\\.\\./)+${layer}/`,
            message: `${folder} may not import ${layer} (docs/adr/0001).`,
          })),
          ...extra,
        ],
      },
    ],
  },
});

const layerRules = Object.entries(LAYERS).map(([layer, allowed]) =>
  restrict(
    `src/${layer}`,
    Object.keys(LAYERS).filter((other) => other !== layer && !allowed.includes(other)),
    layer === "domain"
      ? [{ regex: "^node:(?!path$|crypto$)", message: "The domain is pure: no I/O." }]
      : layer === "adapters"
        ? [
            {
              regex: "^(\\.\\./)+app/(?!ports(-[a-z]+)*\\.js$)",
              message: "Adapters know only the ports of app.",
            },
          ]
        : layer === "app"
          ? [
              {
                regex: "^(\\.\\./)+config/(?!.*settings\\.js$|load\\.js$)",
                message: "App takes only config's types.",
              },
              {
                regex: "^node:(fs|child_process|net|http)",
                message: "App reaches the outside only through its ports.",
              },
            ]
          : [],
  ),
);

/** The owners of packages, one folder deeper than their layer. */
const ownerRules = [...new Set(Object.values(OWNERS))]
  .filter((folder) => folder.split("/").length > 2)
  .map((folder) =>
    restrict(
      folder,
      ["config", "output", "cli"],
      [
        {
          regex: "^(\\.\\./)+app/(?!ports(-[a-z]+)*\\.js$)",
          message: "Adapters know only the ports of app.",
        },
      ],
    ),
  );

export default tseslint.config(
  { ignores: ["dist", ".dist-*", "coverage", "node_modules", ".devkit"] },
  js.configs.recommended,
  {
    files: ["**/*.ts"],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "@typescript-eslint/no-invalid-void-type": ["error", { allowAsThisParameter: true }],
      "max-lines": ["error", { max: 300, skipBlankLines: true, skipComments: true }],
      "max-lines-per-function": ["error", { max: 50, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    files: ["test/**/*.ts", "bench/**/*.ts"],
    // Tests pin the shapes of documents they parse; a wrong member is a failing test.
    rules: {
      "max-lines-per-function": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/no-confusing-void-expression": "off",
      "@typescript-eslint/unbound-method": "off",
      "@typescript-eslint/prefer-promise-reject-errors": "off",
      "@typescript-eslint/consistent-type-imports": ["error", { disallowTypeAnnotations: false }],
      "@typescript-eslint/no-unnecessary-condition": "off",
      // There are no enums here, and no classes; looking takes a quarter of the lint's time.
      "@typescript-eslint/no-unsafe-enum-assignment": "off",
      "@typescript-eslint/no-unsafe-class-instance-assignment": "off",
    },
  },
  ...layerRules,
  ...ownerRules,
  {
    files: ["src/cli/**/*.ts"],
    ignores: ["src/cli/deps.ts", "src/cli/deps/**/*.ts"],
    rules: {
      "no-restricted-imports": [
        "error",
        {
          patterns: [
            ...packagesForbiddenIn("src/cli"),
            { regex: "^(\\.\\./)+adapters/", message: "Adapters are built in src/cli/deps.ts only." },
          ],
        },
      ],
    },
  },
  {
    files: ["**/*.js", "**/*.mjs", "**/*.cjs"],
    languageOptions: {
      globals: { console: "readonly", process: "readonly", URL: "readonly", performance: "readonly" },
    },
  },
);
