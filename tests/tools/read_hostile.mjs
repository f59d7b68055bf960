// Opens pages of the console as a member of staff does, and tells what they made the browser do.
// stdin: { base, cookies: [{ name, value }], paths, log }. stdout, a line each: what was asked for
// beside the console, every dialog, window and download, and how many pages and frames were open.
// Chromium writes all that its network did into `log`.
import { readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';

const { base, cookies, paths, log } = JSON.parse(readFileSync(0, 'utf8'));
const told = [];
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', `--log-net-log=${log}`],
});
const context = await browser.newContext({ acceptDownloads: true });
await context.addCookies(cookies.map((one) => ({ ...one, url: base })));
context.on('request', (request) => {
  if (!request.url().startsWith(base)) told.push(`asks for ${request.url()}`);
});
let frames = 0;
for (const path of paths) {
  const page = await context.newPage();
  page.on('dialog', (dialog) => { told.push(`says ${dialog.message()}`); dialog.dismiss(); });
  page.on('popup', (popup) => told.push(`opens ${popup.url()}`));
  page.on('download', (file) => told.push(`saves ${file.url()}`));
  page.on('pageerror', (fault) => told.push(`runs into ${fault.message}`));
  const answer = await page.goto(base + path, { waitUntil: 'networkidle' });
  if (answer.status() !== 200) told.push(`${path} answers ${answer.status()}`);
  // Whatever waits for a pointer or a moment.
  for (const frame of page.frames()) {
    frames += 1;
    const box = await (await frame.frameElement().catch(() => null))?.boundingBox();
    if (!box) continue;
    for (let x = 20; x < box.width; x += 90) {
      for (let y = 20; y < box.height; y += 60) await page.mouse.click(box.x + x, box.y + y);
    }
  }
  await page.waitForTimeout(1000);
  if (!page.url().startsWith(base + path.split('#')[0])) told.push(`goes to ${page.url()}`);
  const scripts = await page.evaluate(() => document.scripts.length);
  if (scripts > 0) told.push(`${path} has a script`);
  await page.close();
}
await browser.close();
console.log([...told, `${paths.length} pages, ${frames} frames`].join('\n'));
