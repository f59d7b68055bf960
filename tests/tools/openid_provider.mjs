// A provider of OpenID Connect on loopback, with pages to sign in that take every name. stdin: one line
// { client, secret, back }; before it stdout has the issuer. Whoever signs in as `jana@shop.cz#2` is
// the second person with the address `jana@shop.cz`; `!` before a name: its address is not verified.
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import Provider from 'oidc-provider';

const server = createServer();
await new Promise((done) => server.listen(0, '127.0.0.1', done));
const issuer = `http://127.0.0.1:${server.address().port}/staff`;
console.log(issuer);
const [line] = await new Promise((done) => createInterface(process.stdin).once('line', (one) => done([one])));
const { client, secret, back } = JSON.parse(line);
const provider = new Provider(issuer, {
  clients: [{ client_id: client, client_secret: secret, redirect_uris: [back] }],
  claims: { email: ['email', 'email_verified'] },
  // The claims stand in the token itself, as the console reads them.
  conformIdTokenClaims: false,
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({
      sub: id,
      email: id.replace(/^!/, '').split('#')[0],
      email_verified: !id.startsWith('!'),
    }),
  }),
});
const handle = provider.callback();
server.on('request', (request, response) => {
  request.url = request.url.replace(/^\/staff/, '') || '/';
  request.originalUrl = `/staff${request.url}`;
  handle(request, response);
});
console.log('ready');
