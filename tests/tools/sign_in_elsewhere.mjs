// Signs in to the console by the organisation's own sign-in, in Chromium, one person after another,
// each in a browser of their own. stdin: { base, people, shots }; stdout: a line for each: the heading
// of the page where it ends, and what is told there.
import { readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';

const { base, people } = JSON.parse(readFileSync(0, 'utf8'));
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
});
for (const who of people) {
  const context = await browser.newContext({ locale: 'en' });
  context.setDefaultTimeout(10000);
  // The provider's own pages ask for letters from elsewhere: nothing leaves this machine.
  await context.route('**', (route) => {
    const { hostname } = new URL(route.request().url());
    return hostname === '127.0.0.1' ? route.continue() : route.abort();
  });
  const page = await context.newPage();
  await page.goto(`${base}/sign-in?then=/own`);
  await page.click('a[href^="/sign-in/provider"]');
  await page.fill('input[name=login]', who);
  await page.fill('input[name=password]', 'any');
  await page.click('button[type=submit]');
  await page.click('button[type=submit]');
  await page.waitForURL((url) => url.href.startsWith(base));
  await page.waitForSelector('h1');
  const heading = await page.textContent('h1');
  const told = await page.locator('[role=alert]').allTextContents();
  console.log([heading, ...told].map((text) => text.trim()).join(' | '));
  await context.close();
}
await browser.close();
