// Looks at pages in Chromium as people do: on a phone and on a desk, light and dark, by keyboard.
// stdin: { base, shots, sizes, groups: [[{ name, all, steps: [["open", path] | ["fill", selector, text]
// | ["choose", selector, value] | ["check", selector] | ["press", selector] | ["keep", selector, name] | ["totp", selector, name]]
// }]] }; with a `title` the steps are made without JavaScript and have to end there. Each scene ends
// on the page that is looked at: as a phone shows it, and with `all` in every way; `bare` is a page whose
// likeness axe has seen, in another language. "keep" remembers a
// text of the page, "totp" types the code of a secret that was kept. stdout: one line for each fault,
// then how many looks there were.
import { createHmac } from 'node:crypto';
import { createRequire } from 'node:module';
import { mkdirSync, readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';

const { base, shots, sizes, groups } = JSON.parse(readFileSync(0, 'utf8'));
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const { phone, desk, wide } = sizes;
const faults = [];
let looks = 0;

mkdirSync(shots, { recursive: true });
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
});

// Of all scenes: texts, and the step of the last code (RFC 6238) that was typed.
const kept = {};
let typed = 0;

// The code of this moment; of the next step where that one was used.
async function totp(secret) {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...secret].map((one) => letters.indexOf(one).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((octet) => parseInt(octet, 2)));
  const now = () => Math.floor(Date.now() / 30000);
  while (typed > now()) await new Promise((done) => setTimeout(done, 200));
  typed = Math.max(now(), typed + 1);
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(typed));
  const mac = createHmac('sha1', key).update(counter).digest();
  const code = (mac.readUInt32BE(mac[19] & 15) & 0x7fffffff) % 1000000;
  return String(code).padStart(6, '0');
}

async function play(page, steps) {
  for (const [what, where, text] of steps) {
    if (what === 'open') await page.goto(base + where);
    if (what === 'fill') await page.fill(where, text);
    if (what === 'check') await page.check(where);
    if (what === 'keep') kept[text] = (await page.textContent(where)).replace(/\s/g, '');
    if (what === 'choose') await page.selectOption(where, text);
    if (what === 'totp') await page.fill(where, await totp(kept[text]));
    if (what === 'press') await Promise.all([page.waitForLoadState('load'), page.click(where)]);
  }
  await page.waitForLoadState('load');
}

// Every control that is not folded away, in the order of the page; of radio buttons with one name the
// chosen one, or the first where none is.
const controls = () => {
  const shown = (one) =>
    one.getClientRects().length > 0 && one.checkVisibility() && !one.closest('[aria-hidden="true"]');
  const stops = (one) => {
    const group = [...document.getElementsByName(one.name)].filter((own) => own.form === one.form);
    return one.type !== 'radio' || one === (group.find((own) => own.checked) ?? group[0]);
  };
  const kinds = 'a[href], button, input, select, textarea, summary, [tabindex="0"]';
  return [...document.querySelectorAll(kinds)].filter((one) => shown(one) && stops(one)).length;
};

const focused = () => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  // Where the focus is in there, the frame's own document shows.
  if (one.tagName === 'IFRAME') return { what: 'a frame', seen: true };
  const style = getComputedStyle(one);
  const seen = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
  const box = one.getBoundingClientRect();
  const inside = box.left >= 0 && box.right <= innerWidth && box.height > 0;
  one.dataset.visited = 'yes';
  return { what: one.outerHTML.slice(0, 80), seen: seen && inside };
};

async function tab(page, name) {
  const count = await page.evaluate(controls);
  const start = await page.evaluate(() => document.activeElement === document.body);
  if (!start) await page.evaluate(() => document.activeElement.blur());
  // A field for a date has several stops.
  for (let at = 0; at < count * 5; at++) {
    await page.keyboard.press('Tab');
    const one = await page.evaluate(focused);
    if (!one) break;
    if (!one.seen) faults.push(`${name}: no visible focus on ${one.what}`);
  }
  const visited = await page.evaluate(() => document.querySelectorAll('[data-visited]').length);
  if (visited !== count) faults.push(`${name}: the keyboard reaches ${visited} of ${count} controls`);
  await page.evaluate(() => document.activeElement?.blur());
}

// `rules`: all of axe's, or those that the way of looking can change; with none it is only looked at.
async function look(page, name, size, scheme, rules = tags) {
  await page.setViewportSize(size);
  await page.emulateMedia({ colorScheme: scheme });
  const at = `${name}-${size.width}-${scheme}`;
  const [wide, room] = await page.evaluate(() => {
    const all = document.scrollingElement;
    return [all.scrollWidth, all.clientWidth];
  });
  if (wide > room) faults.push(`${at}: ${wide} px wide in ${room}`);
  const found = rules.length === 0 ? [] : await page.evaluate(async (runOnly) => {
    const { violations } = await axe.run(document, { runOnly, resultTypes: ['violations'] });
    return violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(' ')}`);
  }, rules);
  for (const one of found) faults.push(`${at}: ${one}`);
  await page.screenshot({ path: `${shots}/${at}.png`, fullPage: true });
  looks += 1;
}

async function scene(context, { name, all, bare, steps }) {
  const page = await context.newPage();
  page.on('console', (message) => {
    if (message.type() === 'error' && !/status of 4\d\d/.test(message.text())) {
      faults.push(`${name}: the console says ${message.text()}`);
    }
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(base)) faults.push(`${name}: asks for ${request.url()}`);
  });
  try {
    await play(page, steps);
    const scripts = await page.evaluate(() => document.scripts.length);
    if (scripts > 0) faults.push(`${name}: has a script`);
    await page.evaluate(axe);
    await look(page, name, phone, 'light', bare ? [] : tags);
    if (all) {
      await look(page, name, desk, 'dark', ['color-contrast', 'target-size']);
      await look(page, name, phone, 'dark', ['color-contrast']);
      await look(page, name, desk, 'light', ['target-size']);
      if (wide) await look(page, name, wide, 'light', []);
      await tab(page, name);
    }
  } catch (fault) {
    faults.push(`${name}: ${fault.message.split('\n')[0]}`);
  }
  await page.close();
}

// The same clicks without JavaScript end on the same page.
async function silent(context, { name, title, steps }) {
  const page = await context.newPage();
  try {
    await play(page, steps);
    const seen = await page.title();
    if (!seen.startsWith(title)) faults.push(`${name}: without JavaScript it ends on ${seen}`);
  } catch (fault) {
    faults.push(`${name}: without JavaScript: ${fault.message.split('\n')[0]}`);
  }
  await page.close();
}

const own = { viewport: phone, reducedMotion: 'reduce' };
const context = await browser.newContext(own);
const without = await browser.newContext({ ...own, javaScriptEnabled: false });
context.setDefaultTimeout(10000);
without.setDefaultTimeout(10000);
// Two groups at a time; the scenes of one come after each other.
async function lane() {
  for (let next = groups.shift(); next; next = groups.shift()) {
    for (const one of next) {
      if (one.title) await silent(without, one);
      else await scene(context, one);
    }
  }
}
await Promise.all([lane(), lane()]);
await browser.close();
for (const fault of faults) console.log(fault);
console.log(`looked ${looks} times`);
