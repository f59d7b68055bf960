// Seals messages with ARC as a mailing list would, with mailauth: one set more on top. Asks no DNS.
// stdin: { records, messages: [base64, ...], key (PEM), domain, selector, cv }. stdout: the messages, in base64.
import { readFileSync } from 'node:fs';
import { sealMessage } from 'mailauth';

const { messages, key, domain, selector, cv } = JSON.parse(readFileSync(0, 'utf8'));
const sealed = [];
for (const message of messages) {
  const bytes = Buffer.from(message, 'base64');
  const set = await sealMessage(bytes, {
    signingDomain: domain,
    selector,
    privateKey: key,
    authResults: `lists.example; arc=${cv}`,
    cv,
  });
  sealed.push(Buffer.concat([Buffer.from(set), bytes]).toString('base64'));
}
console.log(JSON.stringify(sealed));
