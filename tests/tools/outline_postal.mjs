// Takes messages apart with postal-mime. One process for many messages.
//
// Standard input: one JSON list of messages in base64.
// Standard output: one JSON list; for each message {subject, text, html, attachments}, where
// attachments are digests of their content, or {error}.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import PostalMime from "postal-mime";

const outlines = [];
for (const encoded of JSON.parse(readFileSync(0, "utf8"))) {
  try {
    const message = await PostalMime.parse(Buffer.from(encoded, "base64"));
    const digest = (content) => createHash("sha256").update(Buffer.from(content)).digest("hex");
    outlines.push({
      subject: message.subject ?? "",
      text: message.text ?? "",
      html: message.html ?? "",
      attachments: message.attachments.map((attachment) => digest(attachment.content)),
    });
  } catch (error) {
    outlines.push({ error: String(error) });
  }
}
process.stdout.write(JSON.stringify(outlines));
