// @ts-check
/**
 * The player: one script with everything in it, beside the built page, under a
 * name that other pages can count on.
 */
import { defineConfig } from "vite";

export default defineConfig({
  publicDir: false,
  build: {
    target: "es2022",
    emptyOutDir: false,
    lib: { entry: "src/player.js", formats: ["es"], fileName: () => "player.js" },
    // Nothing is edited in a player.
    rolldownOptions: { external: [/sw-editor\.js$/], output: { codeSplitting: false }, checks: { pluginTimings: false, bundlerTimings: false } },
  },
});
