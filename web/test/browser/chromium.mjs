// @ts-check
/** The system's Chromium, driven by playwright-core. */
import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

const CANDIDATES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome", "/usr/bin/google-chrome-stable"];

export function chromiumPath() {
  const path = process.env.CHROMIUM || CANDIDATES.find(existsSync);
  if (!path) throw new Error("no Chromium found: install Debian's package chromium, or name one in CHROMIUM");
  return path;
}

export function launch() {
  const root = process.getuid?.() === 0;
  return chromium.launch({ executablePath: chromiumPath(), args: root ? ["--no-sandbox"] : [] });
}
