// @ts-check
import js from "@eslint/js";
import globals from "globals";

export default [
  { ignores: ["dist/", "node_modules/"] },
  js.configs.recommended,
  {
    languageOptions: { globals: { ...globals.browser } },
    rules: {
      "no-restricted-properties": [
        "error",
        // Untrusted bytes are never markup.
        { property: "innerHTML", message: "Render with Lit; bytes are text." },
        { property: "outerHTML", message: "Render with Lit; bytes are text." },
        { property: "insertAdjacentHTML", message: "Render with Lit; bytes are text." },
      ],
      "no-unused-vars": ["error", { argsIgnorePattern: "^_", caughtErrors: "none" }],
      eqeqeq: ["error", "always", { null: "ignore" }],
    },
  },
  {
    files: ["test/**", "*.config.js"],
    languageOptions: { globals: { ...globals.node, ...globals.browser } },
  },
];
