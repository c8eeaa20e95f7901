// A partner that runs libas2, as a program of its own.
//
//   node --security-revert=CVE-2023-46809 libas2_peer.js recv SETTINGS        listens on loopback, prints its port, then
//                                                                             one JSON line per message
//   node --security-revert=CVE-2023-46809 libas2_peer.js send SETTINGS FILE   sends FILE, prints one JSON line
//
// SETTINGS is a JSON file: own_id, own_key, own_certificate, gateway_id, gateway_certificate (PEM texts), folder, url,
// sign, encrypt, receipt (signed, unsigned, none), cipher.

const fs = require('fs')
const http = require('http')
const path = require('path')
const { AS2Composer, AS2Parser, request } = require('libas2')

const settings = JSON.parse(fs.readFileSync(process.argv[3]))

function agreement (url) {
  return {
    host: {
      name: settings.own_id,
      id: settings.own_id,
      url: 'http://127.0.0.1/',
      certificate: settings.own_certificate,
      privateKey: settings.own_key,
      decrypt: Boolean(settings.encrypt),
      sign: settings.sign ? 'sha-256' : false,
      mdn: settings.receipt === 'none' ? undefined : { async: false, signing: settings.receipt === 'signed' ? 'sha-256' : false }
    },
    partner: {
      name: settings.gateway_id,
      id: settings.gateway_id,
      url: url || 'http://127.0.0.1/',
      certificate: settings.gateway_certificate,
      encrypt: settings.encrypt ? settings.cipher || 'aes128-CBC' : false,
      verify: Boolean(settings.sign),
      mdn: settings.receipt === 'none' ? undefined : { async: false, signing: settings.receipt === 'signed' ? 'sha-256' : false }
    }
  }
}

async function send (file) {
  const composer = new AS2Composer({
    message: { contentType: 'application/EDIFACT', filename: path.basename(file), content: fs.readFileSync(file), contentDisposition: true },
    agreement: agreement(settings.url)
  })
  await composer.compile()
  const response = await request(await composer.toRequestOptions())
  const outcome = { http: response.statusCode, message_id: composer.message.messageId() }
  if (settings.receipt !== 'none') {
    const node = await response.mime()
    const verify = settings.receipt === 'signed' ? { cert: settings.gateway_certificate } : undefined
    const mdn = await node.dispositionIn(verify)
    outcome.disposition = mdn.notification.disposition
    outcome.mic = mdn.notification.receivedContentMic || null
    outcome.original = mdn.notification.originalMessageId
  }
  console.log(JSON.stringify(outcome))
}

// libas2 reads a body only as text: binary content has to come to it in base64.
function asText (request, body) {
  const headers = []
  for (let at = 0; at < request.rawHeaders.length; at += 2) {
    if (request.rawHeaders[at].toLowerCase() !== 'content-transfer-encoding') {
      headers.push(request.rawHeaders[at] + ': ' + request.rawHeaders[at + 1])
    }
  }
  const encoded = (request.headers['content-type'] || '').includes('pkcs7-mime')
  headers.push('Content-Transfer-Encoding: ' + (encoded ? 'base64' : 'binary'))
  const text = encoded ? Buffer.from(body.toString('base64').replace(/(.{76})/g, '$1\r\n')) : body
  return Buffer.concat([Buffer.from(headers.join('\r\n') + '\r\n\r\n'), text])
}

// It ends a signed part one CRLF later than it signed it.
function repaired (body) {
  const boundary = /^\s*(--[^\r\n]+)/.exec(body)
  return boundary === null ? body : body.replace('\r\n\r\n' + boundary[1], '\r\n' + boundary[1])
}

let count = 0

async function receive (request, body) {
  const node = await AS2Parser.parse(asText(request, body))
  const out = await node.dispositionOut({ agreement: agreement() })
  const content = out.contentNode
  const good = out.disposition.notification.disposition.processed && content !== undefined && content.content !== undefined
  count += 1
  if (good) fs.writeFileSync(path.join(settings.folder, count + '.bin'), content.content)
  const outcome = {
    processed: Boolean(good),
    compressed: Boolean(content && /compressed-data/.test(content.contentType || '')),
    mic: out.disposition.notification.receivedContentMic || null,
    disposition: out.disposition.notification.disposition
  }
  return { outcome, answer: settings.receipt === 'none' ? null : await out.dispositionNode.buildObject() }
}

function listen () {
  const server = http.createServer((request, response) => {
    const pieces = []
    request.on('data', piece => pieces.push(piece))
    request.on('end', () => {
      receive(request, Buffer.concat(pieces)).then(({ outcome, answer }) => {
        if (answer === null) {
          response.writeHead(200)
          response.end()
        } else {
          response.writeHead(200, answer.headers)
          response.end(settings.receipt === 'signed' ? repaired(answer.body) : answer.body)
        }
        console.log(JSON.stringify(outcome))
      }).catch(error => {
        console.log(JSON.stringify({ processed: false, error: String(error && error.message) }))
        response.writeHead(500)
        response.end()
      })
    })
  })
  server.listen(0, '127.0.0.1', () => console.log(server.address().port))
}

if (process.argv[2] === 'recv') {
  listen()
} else {
  send(process.argv[4]).catch(error => {
    console.log(JSON.stringify({ error: String(error && error.message) }))
  })
}
