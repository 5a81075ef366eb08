// @ts-check
import { defineConfig } from "vite";

const server = process.env.STEPWIRE_SERVER ?? "http://127.0.0.1:8080";

/**
 * The policy goes into the built page itself, so that a copy on any host has it.
 * WebAssembly is the one thing that may be compiled; nothing inline runs.
 */
const policy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self' ws: wss:",
  "worker-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
  // Lit's templates; the client module's worker script; the service worker's.
  "trusted-types lit-html stepwire stepwire-offline",
].join("; ");

/** @type {import("vite").Plugin} */
const securityPolicy = {
  name: "content-security-policy",
  apply: "build",
  transformIndexHtml: () => [{ tag: "meta", attrs: { "http-equiv": "Content-Security-Policy", content: policy }, injectTo: "head-prepend" }],
};

export default defineConfig({
  // Relative URLs, so that the built page works under any path of any host.
  base: "./",
  plugins: [securityPolicy],
  build: {
    target: "es2022",
    // The polyfill is an inline script, which the page's Content-Security-Policy refuses.
    modulePreload: { polyfill: false },
    // A data: font or script would need a wider policy.
    assetsInlineLimit: 0,
    // How long each plugin took says more of the machine than of the page.
    rolldownOptions: { checks: { pluginTimings: false, bundlerTimings: false } },
  },
  server: {
    proxy: {
      "/client": server,
      "/demo.json": server,
      "/relay": { target: server, ws: true },
    },
  },
});
