// Sends a file by nodemailer through STARTTLS and AUTH, over a pool as shops do.
//
// usage: send_nodemailer.mjs HOST PORT CA LOGIN PASSWORD FROM TO FILE
import { readFileSync } from "node:fs";
import nodemailer from "nodemailer";

const [host, port, ca, user, pass, from, to, file] = process.argv.slice(2);
const transport = nodemailer.createTransport({
  host, port: Number(port), secure: false, requireTLS: true, pool: true,
  auth: { user, pass },
  tls: { ca: readFileSync(ca) },
});
const info = await transport.sendMail({ envelope: { from, to: to.split(",") }, raw: readFileSync(file) });
console.log(info.response);
if (info.rejected.length) {
  console.log(`rejected ${info.rejected.length}`);
}
transport.close();
