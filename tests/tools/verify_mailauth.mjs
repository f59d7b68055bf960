// Verifies DKIM signatures and ARC chains with mailauth. One process for many messages; asks no DNS.
// stdin: { records: { name: text }, messages: [base64, ...] }. stdout: a list; for each message
// { dkim: [result of each signature, top first], arc: result of the chain }.
import { readFileSync } from 'node:fs';
import { authenticate } from 'mailauth';

const { records, messages } = JSON.parse(readFileSync(0, 'utf8'));

async function resolver(name, kind) {
  const text = kind === 'TXT' ? records[name.replace(/\.$/, '').toLowerCase()] : undefined;
  if (text === undefined) throw Object.assign(new Error(`${kind} ${name}`), { code: 'ENOTFOUND' });
  return [text.match(/.{1,255}/g)];
}

const answers = [];
for (const message of messages) {
  const found = await authenticate(Buffer.from(message, 'base64'), {
    ip: '127.0.0.1',
    helo: 'localhost',
    sender: 'a@obchod.cz',
    mta: 'localhost',
    resolver,
    disableDmarc: true,
    disableBimi: true,
  });
  const dkim = found.dkim.results.map((one) => one.status.result);
  answers.push({ dkim, arc: found.arc ? found.arc.status.result : 'none' });
}
console.log(JSON.stringify(answers));
