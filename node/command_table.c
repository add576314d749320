/* command_table.c - every command with its usage and its help text; help.h says how a text is laid out. */
#include "command.h"

static const char init_help[] =
	"Makes FILE a node of its own: a key pair, its tables, its name.  FILE may be an existing\n"
	"SQLite database; nothing in its tables changes.  If it does not exist it is made.  The\n"
	"secret key lies in FILE.simpul/, readable by its owner only, so that a copy of FILE alone\n"
	"gives nobody the right to sign.  All or nothing: a failure leaves FILE without a node.\n"
	"\n"
	"A file in WAL mode gets a rollback journal, and init says so: in some versions of SQLite\n"
	"two programs that write in WAL mode can damage the file, and here an application and\n"
	"Simpul both write.  Applications must not set it back (PRAGMA journal_mode=WAL).\n"
	"\n"
	"Options:\n"
	"\n"
	"  --name NAME  how people call this place; stands in every list and receipt\n"
	"  --hub  a hub: it enrols others, keeps all changesets and issues receipts\n"
	"  --listen ADDR:PORT  where `simpul run` answers others, 0.0.0.0:8443 for instance\n"
	"  --url URL  how others reach it, if that is not the address it listens on\n"
	"  --workspace NAME  makes and attaches the tables of an application and files its rules; a\n"
	"      hub begins with its reference data.  NAME is one that comes with Simpul (masterplan,\n"
	"      inventory), or a directory with schema.sql, rules.json and perhaps views.sql,\n"
	"      reference.sql, access.json, app.json; a directory is told by a / in its path\n"
	"  --scope S  what this node is for, the code of a region for instance: known to its web app\n"
	"      before it is enrolled, and enrol refuses an invitation for another one\n"
	"  --sample  a file to practise with: begins with the workspace's sample region, can begin\n"
	"      anew at any time, and is never enrolled\n"
	"\n"
	"Examples:\n"
	"\n"
	"  $ simpul init office.db --name \"Bappeda Kota Sawahlunto\"\n"
	"  $ simpul init hub.db --name \"Pusat Smart City\" --hub --listen 0.0.0.0:8443\n"
	"  $ simpul init kota.db --scope 13.73 --workspace masterplan \\\n"
	"      --name \"Diskominfo Kota Sawahlunto\"\n";

static const char attach_help[] =
	"From now on every insert, update and delete in these tables is noted, whichever program\n"
	"does it, and travels.  The rows that are there now travel first.  The tables themselves do\n"
	"not change. Refused with all reasons at once: a table without a declared primary key, with\n"
	"keys that are NULL, or with rules that cannot be kept elsewhere.  All tables or none.\n"
	"\n"
	"Options:\n"
	"\n"
	"  --scope S  all rows belong to this scope, the code of a region such as 13.73\n"
	"  --scope-column C  each row belongs to the scope that column C names\n"
	"\n"
	"Examples:\n"
	"\n"
	"  $ simpul attach office.db program activity --scope 13.73\n"
	"  $ simpul attach province.db program --scope-column region_code\n";

static const char detach_help[] =
	"Ends the replication of these tables and removes what attach put there.  The schema is\n"
	"then byte for byte what it was, and the data stays.  Refused while changes have no receipt\n"
	"yet.\n"
	"\n"
	"Options:\n"
	"\n"
	"  --abandon  detach although some changes have not reached the hub: they stay on this file\n"
	"    only\n"
	"  --all  all tables, and everything of Simpul's with them: FILE is an ordinary database\n"
	"    again\n"
	"\n"
	"Examples:\n"
	"\n"
	"  $ simpul detach office.db activity\n"
	"  $ simpul detach office.db activity --abandon\n";

static const char alter_help[] =
	"Runs SQL that changes replicated tables: ALTER TABLE in all its forms, and the usual way\n"
	"to rebuild a table (make anew, copy, drop, rename).  ALTER TABLE ... ADD COLUMN and RENAME\n"
	"work from every other program as well; DROP COLUMN works only here, because the triggers\n"
	"that capture changes name the column.  What was written before is sealed first.  Then\n"
	"everything happens in one transaction, or nothing does.\n"
	"\n"
	"Refused: what would change a primary key, drop a table, or leave out or delete a row that is\n"
	"there now (`simpul write` deletes rows).  A renamed table or column goes on being replicated\n"
	"under the name that others know.\n"
	"\n"
	"Options:\n"
	"\n"
	"  --yes  columns may go from this file; what they held stays in the history and with others\n"
	"\n"
	"Examples:\n"
	"\n"
	"  $ simpul alter office.db \"ALTER TABLE program ADD COLUMN place TEXT\"\n"
	"  $ simpul alter office.db \"ALTER TABLE program DROP COLUMN draft\" --yes\n";

static const char invite_help[] =
	"Makes an invitation for one new node.  The last line of the output is the invitation: one\n"
	"line of text that names the hub, its key, the scope, the role, and holds a token that\n"
	"works once.  Whoever has it can enrol, so hand it over like a password.\n"
	"\n"
	"Options:\n"
	"\n"
	"  --scope S  what the node will see and, as a writer, change\n"
	"  --role writer|reviewer|reader|relay  what it may do: rules say what sets a reviewer apart from\n"
	"    a writer; a reader's local changes are listed but never sent;\n"
	"    a relay hands on what it gets, and has none of it in its tables\n"
	"  --url URL  how the new node reaches this hub, if the hub does not know it by itself\n"
	"  --hours H  how long the invitation is good for; 24 without it\n"
	"\n"
	"Examples:\n"
	"\n"
	"  $ simpul invite hub.db --scope 13.73 --role writer\n"
	"  $ simpul invite hub.db --scope 13.73 --role reader | tail -n 1\n";

static const char requests_help[] =
	"Offices that ask this hub to be enrolled (`simpul enrol FILE --ask URL`).  Their words are\n"
	"those of the device's key: compare all six with what the office reads to you by telephone,\n"
	"then approve.  The device comes in by itself, the next time it asks; nothing that it sends is\n"
	"taken before.  A device that was refused stays refused.\n"
	"\n"
	"Options:\n"
	"\n"
	"  --role R  writer (as usual), reviewer, reader, relay\n"
	"  --scope S  if one device asks for several\n"
	"  --hours H  it must come back within, 168 as usual\n"
	"  --json  for programs\n"
	"\n"
	"Examples:\n"
	"\n"
	"  $ simpul requests hub.db\n"
	"  $ simpul requests hub.db approve lusab-babad-gutih-tugad-mudof-sakat\n";

static const char enrol_help[] =
	"Joins the hub that the invitation names.  Nothing is sent before the hub has proved its\n"
	"key, and nothing is written before it has answered.  If the connection breaks, run the\n"
	"same line again: the invitation is not used up.  From then on `simpul run` or `simpul\n"
	"sync` exchange changes.\n"
	"\n"
	"Without an invitation the hub's operator is asked: --ask shows six words, those of the key\n"
	"that answers at URL.  Compare them by telephone, and read this device's words to the\n"
	"operator.  With --hub-words the request is sent, and kept: a running node asks again by\n"
	"itself until it is approved, and so does `simpul enrol FILE`.\n"
	"\n"
	"Options:\n"
	"\n"
	"  --ask URL  of the hub\n"
	"  --scope S  what is asked for, the code of a region for instance\n"
	"  --hub-words WORDS  the hub's six words, as compared\n"
	"\n"
	"Examples:\n"
	"\n"
	"  $ simpul enrol office.db simpul1:AYGnaHR0cHM6Ly9odWIu...\n"
	"  $ simpul enrol office.db \"$(cat invitation.txt)\"\n"
	"  $ simpul enrol office.db --ask https://hub.example:8443 --scope 13.73\n";

static const char run_help[] =
	"Keeps the node running in the foreground: it seals and sends changes soon after they were\n"
	"made, waits for news from the hub and neighbours, and tries again by itself after every\n"
	"break.  Other commands on the same file are handed to it.  SIGTERM and SIGINT let open\n"
	"requests finish, then end it; killing it loses nothing.\n"
	"\n"
	"Options:\n"
	"\n"
	"  --listen ADDR:PORT  answer others here; without it the address given at init, if any\n"
	"  --web ADDR:PORT|off  the web app and its API here: plain HTTP on this computer's own\n"
	"    addresses (127...), HTTPS on others.  Without it a file with a workspace has it on\n"
	"    127.0.0.1, port 8080 or the next that is free\n"
	"  --web-name NAME,...  other host names by which people call it\n"
	"  --changes-max N  so many changes in one changeset at most; 1000 without it\n"
	"\n"
	"Examples:\n"
	"\n"
	"  $ simpul run office.db\n"
	"  $ simpul run hub.db --listen 0.0.0.0:8443\n"
	"  $ simpul run hall.db --web 192.168.1.20:8443 --web-name balai.local\n";

static const char sync_help[] =
	"One round now with the hub and every neighbour: seal, send, fetch, merge, file receipts.\n"
	"Exit status 0 means that everything sent has its receipt and everything offered is merged;\n"
	"10 that something is not through yet, and why; 7 that nobody was reached (the work is safe\n"
	"and waits).\n"
	"\n"
	"Options:\n"
	"\n"
	"  --changes-max N  so many changes in one changeset at most; 1000 without it\n"
	"\n"
	"Examples:\n"
	"\n"
	"  $ simpul sync office.db\n"
	"  $ until simpul sync office.db; do sleep 60; done\n";

static const char status_help[] =
	"Who this node is, the one line that says how things stand, the counts, when each peer was\n"
	"last reached, and why nothing moves when nothing does.  Works beside a running node.\n"
	"\n"
	"Options:\n"
	"\n"
	"  --json  the same for programs\n"
	"\n"
	"JSON keys:\n"
	"\n"
	"  name, role, key, fingerprint  \"node\" or \"hub\"; the public key and its short form for the\n"
	"    telephone\n"
	"  enrolled, origin, hub_key  the log that this node belongs to\n"
	"  running  whether `simpul run` has the file open\n"
	"  scopes  [{scope, role, chain, seq, revoked, frozen}]: the chains of this node\n"
	"  tables  [{name, scope, scope_column, replicated, aside}]: what is attached; replicated: the\n"
	"    name that others know it by; aside: why it is left out for now, or null\n"
	"  columns_not_here  columns that others have and this file does not; not_here: [{table,\n"
	"    column}].  Their values are kept, sent on, and shown once the column is here\n"
	"  pending, pending_since_ms  changes noted but not sealed yet, and the oldest of them\n"
	"  unsent  changesets without a receipt, own and relayed; unsent_own: of this node alone\n"
	"  changesets, merged, quarantined, void, unmerged  changesets kept here, by state\n"
	"  carried  at a relay: changesets kept for others, which are never merged here\n"
	"  unsent_since_ms  when the oldest of them was sealed or arrived\n"
	"  receipts, last_receipt_ms  receipts filed; at a hub: entries of the signed log\n"
	"  nodes  at a hub: how many it enrolled\n"
	"  held  changesets kept aside; held_for: how many wait for \"ancestor\", \"grant\",\n"
	"    \"schema\"...; of these and of the quarantined only what is not discarded\n"
	"  conflicts  choices that wait for a person, as `simpul conflicts` lists them; violations: rows\n"
	"    that break a rule\n"
	"  refused  copies turned away, by problem: {\"signature\": 2}\n"
	"  last_contact_ms  when the hub, else any peer, last answered; 0: never\n"
	"  peers  [{url, hub, contact_ms, try_ms, error, error_text, sent_bytes, received_bytes}]\n"
	"  digest  {scope: hex}: two nodes that hold the same have the same\n"
	"  files  attachments: {files, here, at_hub, refused}\n"
	"  state  the line of state; why: [{code, text, advice, text_id, advice_id}], empty when\n"
	"    everything moves\n"
	"\n"
	"Times are milliseconds since 1970 UTC.\n"
	"\n"
	"Examples:\n"
	"\n"
	"  $ simpul status office.db\n"
	"  $ simpul status office.db --json | jq .unsent\n";

static const char log_help[] =
	"Changesets, newest first: number, time, scope, node, kind, changes, state, and the index\n"
	"in the hub's log for those with a receipt.  With a number: every change in that one, with\n"
	"names and values.\n"
	"\n"
	"Options:\n"
	"\n"
	"  --limit L  so many at most; 50 without it\n"
	"  --scope S  of this scope only\n"
	"  --json  for programs\n"
	"\n"
	"Examples:\n"
	"\n"
	"  $ simpul log office.db\n"
	"  $ simpul log office.db 17\n"
	"  $ simpul log office.db --scope 13.73 --limit 5 --json\n";

static const char conflicts_help[] =
	"Cells that two places wrote without knowing of each other: each value, which of them the\n"
	"table shows, who wrote it, when, and in which changeset.  Nothing is lost and all places\n"
	"show the same one.  Columns that win or lose together are one conflict.\n"
	"\n"
	"  show NUMBER  one conflict, all its values side by side\n"
	"  choose NUMBER CHANGESET  writes what that changeset wrote.  This is an ordinary write:\n"
	"    it is sealed, travels, and settles the conflict everywhere; what was not chosen stays\n"
	"    in the ledger.  Writing the cell with any other program does the same\n"
	"  choose NUMBER COLUMN=TEXT...  writes another value; all columns of a group together\n"
	"\n"
	"Options:\n"
	"\n"
	"  --value TEXT  choose this value, where the conflict is about one column\n"
	"  --null  choose NULL\n"
	"  --all  also the ledger: values superseded later, by whom and by which changeset\n"
	"  --csv  the open conflicts for a spreadsheet, a line per value; no text becomes a formula\n"
	"  --acts  what people decided here, newest first\n"
	"  --json  for programs\n"
	"\n"
	"Examples:\n"
	"\n"
	"  $ simpul conflicts office.db\n"
	"  $ simpul conflicts office.db show 3\n"
	"  $ simpul conflicts office.db choose 3 17\n"
	"  $ simpul conflicts office.db choose 3 --value 85\n"
	"  $ simpul conflicts office.db choose 4 volume=3 price=1500 total=4500\n"
	"  $ simpul conflicts office.db --json | jq \".conflicts | length\"\n";

static const char violations_help[] =
	"Rows that break a rule, each with table, key, rule, detail and what to do.  They never stop\n"
	"an exchange.\n"
	"\n"
	"Rules:\n"
	"\n"
	"  unique, not-null, key, rule, missing  merging keeps the row out of its table, which cannot\n"
	"    hold it; it comes by itself once the rule is kept\n"
	"  too-large, no-scope, null-key, not-allowed  a change made here that is not sealed and not\n"
	"    sent\n"
	"  foreign-key, check  the row is in its table against a rule that merging does not ask;\n"
	"    computed from the rows, so the same everywhere\n"
	"\n"
	"Options:\n"
	"\n"
	"  --put-back TABLE KEY...  take back a change made here that is not sealed: the row becomes\n"
	"    what it was when it was last sealed or merged.  KEY: a value per key column\n"
	"  --scope S  of this scope only\n"
	"  --acts  what people decided here, newest first\n"
	"  --json  for programs\n"
	"\n"
	"Examples:\n"
	"\n"
	"  $ simpul violations office.db\n"
	"  $ simpul violations office.db --put-back program p1\n"
	"  $ simpul violations office.db --scope 13.73 --json\n";

static const char held_help[] =
	"Changesets that are kept aside because something earlier is missing: an ancestor, the grant\n"
	"of its device, a schema.  They are taken in by themselves when that comes.\n"
	"\n"
	"  why ID  what it waits for, and what to do\n"
	"  retry [ID]  look again at this one, or at all\n"
	"  discard ID --reason TEXT  off the list and out of the counts.  It is kept all the same, and\n"
	"    taken in should what it waits for come\n"
	"\n"
	"ID is the beginning of an id, four hex digits or more.\n"
	"\n"
	"Options:\n"
	"\n"
	"  --reason TEXT  why it is discarded; recorded with your name\n"
	"  --all  the discarded ones too\n"
	"  --acts  what people decided here, newest first\n"
	"  --json  for programs\n"
	"\n"
	"Examples:\n"
	"\n"
	"  $ simpul held office.db\n"
	"  $ simpul held office.db why 5068b5fc\n"
	"  $ simpul held office.db retry\n"
	"  $ simpul held office.db discard 5068b5fc --reason \"stick of a device that is gone\"\n";

static const char quarantine_help[] =
	"Changesets that are genuine, on file and receipted, but break a rule: no node merges them,\n"
	"whole, and everything else of their device goes on.  Nothing here is ever deleted.\n"
	"\n"
	"  why ID  who wrote it, when, and which rule it breaks\n"
	"  retry ID  judge it again, after an upgrade for instance.  If it is good now it is merged as\n"
	"    if it had always been; what others wrote later still stands above it\n"
	"  discard ID --reason TEXT  off the list and out of the counts; it is kept\n"
	"\n"
	"ID is the beginning of an id, four hex digits or more.\n"
	"\n"
	"Options:\n"
	"\n"
	"  --reason TEXT  why it is discarded; recorded with your name\n"
	"  --all  the discarded ones too\n"
	"  --acts  what people decided here, newest first\n"
	"  --json  for programs\n"
	"\n"
	"Examples:\n"
	"\n"
	"  $ simpul quarantine hub.db\n"
	"  $ simpul quarantine hub.db why 9f3a\n"
	"  $ simpul quarantine hub.db retry 9f3a\n"
	"  $ simpul quarantine hub.db discard 9f3a --reason \"test device\"\n";

static const char rules_help[] =
	"What of a table wins when two places change it at once, and who may write what.  FILE\n"
	"alone prints the rules in force; with --json, in the form in which they are filed.\n"
	"\n"
	"With RULES.json the rules of the tables named in it are replaced.  On a hub they are\n"
	"approved: signed, sent to every node with its next sync, and obeyed by all; a change that\n"
	"breaks them is void everywhere.  Work done offline is judged by the rules that its node\n"
	"knew.  Rules of a table that the hub does not have yet wait for it.  On any other node they\n"
	"hold there until the hub approves others.  {} for a table means that there is nothing to obey.\n"
	"\n"
	"The file:\n"
	"\n"
	"  {\"tables\": {\n"
	"    \"program\": {\n"
	"      \"label\": {\"id\": \"Program\", \"en\": \"Programme\"},\n"
	"      \"groups\": [[\"volume\", \"price\", \"total\"]],\n"
	"      \"policy\": {\"note\": \"text\", \"priority\": \"manual\", \"stock\": \"counter\"},\n"
	"      \"state\": \"status\", \"frozen\": [\"approved\"],\n"
	"      \"write\": [\n"
	"        {\"role\": \"writer\", \"states\": [\"\", \"draft\"], \"to\": [\"draft\", \"sent\"]},\n"
	"        {\"role\": \"reviewer\", \"states\": [\"sent\"], \"columns\": [\"status\", \"review\"]}]\n"
	"    },\n"
	"    \"visit\": {\"append\": true}}}\n"
	"\n"
	"Members of a table, each of which may be left out:\n"
	"\n"
	"  groups  columns that win or lose together\n"
	"  policy  per column: lww (the latest is shown), manual (none, until somebody chooses),\n"
	"    counter (contributions add up), text (lines are merged)\n"
	"  append  true: rows never change and never go\n"
	"  state, frozen  the column that holds a row's state; states in which nothing changes, unless a\n"
	"    line of write names them\n"
	"  write  who may write; without it every writer, in states not frozen.  Lines of: role (writer,\n"
	"    reviewer or hub); states it may write in, \"\" being a new row; columns it may write; to,\n"
	"    the states it may set.  What a line leaves out is not limited\n"
	"  label, labels  names in several languages, of the table and of columns: {\"note\": {\"id\": ..}}\n"
	"  scope  \"13.73\", or {\"column\": NAME}: must be as attached\n"
	"\n"
	"Options:\n"
	"\n"
	"  --json  for programs\n"
	"\n"
	"Examples:\n"
	"\n"
	"  $ simpul rules hub.db rules.json\n"
	"  $ simpul rules office.db --json >rules.json\n";

static const char receipts_help[] =
	"Receipts of the hub, newest first.  A receipt is a small text that proves to anybody who\n"
	"has the hub's public key, offline and for ever, that a changeset is in the hub's log, and\n"
	"by when the hub had it, by the hub's clock.\n"
	"\n"
	"Options:\n"
	"\n"
	"  --save N RECEIPT  write the receipt of changeset N to this new file; \"-\" is standard\n"
	"    output\n"
	"  --save-all DIR  write every receipt to DIR, one file each; those that are there stay\n"
	"  --json  for programs\n"
	"\n"
	"Examples:\n"
	"\n"
	"  $ simpul receipts office.db\n"
	"  $ simpul receipts office.db --save 17 receipt-17.txt\n"
	"  $ simpul receipts office.db --save-all receipts/\n";

static const char peers_help[] =
	"Whom this node exchanges changes with: the hub, and neighbours on the local network, with\n"
	"the last contact and the bytes each way.  At a hub: also the nodes that it enrolled.  A\n"
	"neighbour passes changesets and receipts on; it can neither read scopes it has no right to\n"
	"nor alter anything.\n"
	"\n"
	"  add URL  exchange with this neighbour too\n"
	"  remove URL  no longer; the hub cannot be removed\n"
	"\n"
	"Options:\n"
	"\n"
	"  --key HEX  the neighbour's public key, 64 hex digits; without it the first one seen is\n"
	"    kept\n"
	"  --json  for programs\n"
	"\n"
	"Examples:\n"
	"\n"
	"  $ simpul peers office.db\n"
	"  $ simpul peers office.db add https://192.168.1.20:8443\n"
	"  $ simpul peers office.db remove https://192.168.1.20:8443\n";

static const char files_help[] =
	"Attachments: files to which rows refer by their SHA-256.  They travel apart from the changes, in\n"
	"blocks, and wait for these; a broken link costs less than one block.  Lists each with its scope,\n"
	"size and type, whether it is here, and whether the hub has it or what it has against it.  At a\n"
	"hub --missing shows what offices have not sent yet.\n"
	"\n"
	"  add PATH  puts a copy into FILE.simpul/files and prints its SHA-256 and size, for the row that\n"
	"      an application then writes\n"
	"  get SHA256 OUT  writes the file to the new file OUT, after checking it\n"
	"\n"
	"Options:\n"
	"\n"
	"  --missing  only those that are not here\n"
	"  --json  [{sha256, scope, byte_size, media_type, here, hub, problem}]; of add {sha256, byte_size}\n"
	"\n"
	"Examples:\n"
	"\n"
	"  $ simpul files office.db add foto.jpg\n"
	"  $ simpul files hub.db --missing\n";

static const char bundle_help[] =
	"The way without any network: changesets and receipts in one file, on a USB stick for\n"
	"instance.  What is in a bundle is signed exactly as it is on the network, so who carries\n"
	"it need not be trusted.\n"
	"\n"
	"  export FILE OUT  writes a new bundle; changes made until now are sealed first\n"
	"  import FILE BUNDLE  takes in everything in it, or nothing if the file is cut or altered.\n"
	"    Twice, or in any order, changes nothing more\n"
	"\n"
	"Office to hub: export with --unsent, import at the hub.  Hub to office: export with\n"
	"--scope, import at the office; the receipts come back that way too.\n"
	"\n"
	"Options:\n"
	"\n"
	"  --scope S  this scope (and the hub's own chain of grants); without it everything\n"
	"  --unsent  only what has no receipt yet\n"
	"  --json  the counts, for programs\n"
	"\n"
	"Examples:\n"
	"\n"
	"  $ simpul bundle export office.db /media/usb/13.73.simpul --unsent\n"
	"  $ simpul bundle import hub.db /media/usb/13.73.simpul\n"
	"  $ simpul bundle export hub.db /media/usb/back.simpul --scope 13.73\n";

static const char export_help[] =
	"The rows of replicated tables on standard output.  CSV is that of RFC 4180 in UTF-8, with\n"
	"names in the first line; an empty field is NULL, \"\" an empty text; binary values are hex.\n"
	"A text that a spreadsheet would take for a formula (it begins with = + - @ or a control\n"
	"character) gets a ' in front; numbers do not.  JSON gives every value as it is.\n"
	"\n"
	"Options:\n"
	"\n"
	"  --table T  this table; CSV needs it when several are attached\n"
	"  --format csv|json  csv without it; --json is short for json\n"
	"\n"
	"Examples:\n"
	"\n"
	"  $ simpul export office.db --table program > program.csv\n"
	"  $ simpul export office.db --format json > all.json\n";

static const char at_help[] =
	"Runs one SQL statement that reads over the replicated tables as this node had them at TIME:\n"
	"what it had accepted by then, its own changes and others'.  The tables are made in memory\n"
	"from the log; the file is not touched.  Names and columns are those of now.  A row that a\n"
	"rule of its table kept out then is there.\n"
	"\n"
	"TIME is a date (its beginning), 2026-11-22T16:04 in local time, or with Z or +07:00.\n"
	"\n"
	"Options:\n"
	"\n"
	"  --csv  as `simpul export` writes it\n"
	"  --json  an array of objects\n"
	"\n"
	"Examples:\n"
	"\n"
	"  $ simpul at office.db 2026-11-22 -- \"SELECT count(*) FROM program\"\n"
	"  $ simpul at office.db 2026-11-22T16:04 --csv -- \"SELECT * FROM program\" > then.csv\n";

static const char diff_help[] =
	"What became of TABLE between two times: rows inserted, deleted and changed, the old and the\n"
	"new value of each column, who wrote it, where, when, and in which changeset.  A time after\n"
	"the last changeset is now.  How to write times: simpul at --help.\n"
	"\n"
	"Options:\n"
	"\n"
	"  --csv  a line per column that differs\n"
	"  --json  for programs\n"
	"\n"
	"Examples:\n"
	"\n"
	"  $ simpul diff office.db 2026-11-01 2026-12-01 program\n"
	"  $ simpul diff office.db 2026-11-22T08:00 2026-11-22T17:00 program --json\n";

static const char blame_help[] =
	"Who wrote what stands in a row: per column the value, the person or \"an application\", the\n"
	"node, the time, the changeset, whether its signature holds (verified again), and its\n"
	"receipt.  Values that stand beside the one shown are listed as \"also\".  With COLUMN: every\n"
	"write of that one cell, newest accepted first.  A key of several columns: as many words.\n"
	"\n"
	"Options:\n"
	"\n"
	"  --scope S  the scope of the row, where the table holds several (at a hub)\n"
	"  --json  for programs\n"
	"\n"
	"Examples:\n"
	"\n"
	"  $ simpul blame office.db program 17\n"
	"  $ simpul blame hub.db program 17 budget --scope 13.73\n";

static const char write_help[] =
	"Runs SQL statements in one transaction, as any program may, and records that NAME wrote\n"
	"what they change: log, blame, diff and conflicts show the name, on every node.  If that\n"
	"would take the place of what somebody else wrote and that is not sealed yet, the other\n"
	"value is sealed first, so both are kept.  Statements may read and write the application's\n"
	"tables and nothing else: no BEGIN or COMMIT, no DDL, no PRAGMA, none of Simpul's tables.\n"
	"What they return is not shown.  All of them or none.\n"
	"\n"
	"Options:\n"
	"\n"
	"  --as NAME  the person; 1 to 128 bytes\n"
	"  --seen SEQ  what the person had before their eyes: the seq of the scope in `simpul status\n"
	"    --json` when it was read.  What this node sealed later stays standing beside what is\n"
	"    written now, as a conflict.  Without it the person has seen everything\n"
	"  --json  {actor, rows: rows noted as changed, sealed_first, replaced_unsealed: what stood\n"
	"    there could not be sealed (not enrolled, against a rule) and is gone}\n"
	"\n"
	"Examples:\n"
	"\n"
	"  $ simpul write office.db --as \"Ana Putri\" -- \"UPDATE program SET percent = 60 WHERE id = 17\"\n"
	"  $ simpul write office.db --as Budi --seen 41 -- \"UPDATE program SET note = 'x' WHERE id = 17\"\n";

static const char check_help[] =
	"Does the file agree with its own log?  Every changeset is verified again (signature, link,\n"
	"body), the log is played in memory and compared with the versions, the tables and the list\n"
	"of conflicts; receipts are verified, and at a hub the tree of its signed log.  Says of each\n"
	"difference what it is and what to do.  Changes nothing; works beside a running node, which\n"
	"cannot write while it looks.  Exit status 0: all agree; 12: something differs.\n"
	"\n"
	"Options:\n"
	"\n"
	"  --json  {changesets, rows, rows_compared, differences: [{kind, changeset, table, scope,\n"
	"    key, column, text, remedy}]}\n"
	"\n"
	"Examples:\n"
	"\n"
	"  $ simpul check office.db\n"
	"  $ simpul check office.db --json | jq \".differences | length\"\n";

static const char rebuild_help[] =
	"Makes the versions, the list of conflicts and the rows of all replicated tables anew from\n"
	"the log, in one transaction, and compares the state digest of each table before and after.\n"
	"Where they differ nothing is written, unless --force.  Changes made until now are sealed\n"
	"first; while some cannot be (not enrolled, a row over a limit) nothing is done.  A row that\n"
	"the log does not know stays, and is sealed with the next changes.\n"
	"\n"
	"Options:\n"
	"\n"
	"  --dry-run  says what it would do, and does not\n"
	"  --force  takes what the log says where versions were damaged\n"
	"  --json  for programs\n"
	"\n"
	"Examples:\n"
	"\n"
	"  $ simpul rebuild office.db --dry-run\n"
	"  $ simpul check office.db || simpul rebuild office.db --force\n";

static const char revoke_help[] =
	"Takes back the rights of one chain, from a sequence number on: for a stolen or cloned\n"
	"device.  What the chain wrote up to SEQ stays; everything after it is void everywhere,\n"
	"also what arrives later.  This is a signed entry in the hub's log and cannot be undone;\n"
	"the office enrols again with a new invitation.\n"
	"\n"
	"CHAIN is the chain's id, 32 hex digits; `simpul peers HUBFILE` lists them.\n"
	"\n"
	"Options:\n"
	"\n"
	"  --after SEQ  the last good changeset of the chain; 0 voids all of it\n"
	"  --reason TEXT  shown to everybody\n"
	"\n"
	"Examples:\n"
	"\n"
	"  $ simpul revoke hub.db 3f9a01c2d4e5f60718293a4b5c6d7e8f --after 41 --reason \"laptop stolen\"\n"
	"  $ simpul revoke hub.db 3f9a01c2d4e5f60718293a4b5c6d7e8f --after 0\n";

static const char restored_help[] =
	"For a hub whose file was put back from a backup: its log begins a new epoch under a new\n"
	"name, with the same key.  Nodes notice, send again what this file lacks, and keep their\n"
	"old receipts, which stay valid for the old name.  Without this command nodes refuse a log\n"
	"that went back.  Stop the hub first.  A node needs no such command: it notices by itself\n"
	"that the hub holds more of its changes than its file, and fetches them before it seals.\n"
	"\n"
	"Examples:\n"
	"\n"
	"  $ cp backup/hub.db hub.db && simpul restored hub.db && simpul run hub.db\n"
	"  $ simpul restored /var/lib/simpul/hub.db\n";

static const char inspect_help[] =
	"Shows what is inside a changeset, several of them, a bundle, a receipt, a checkpoint or an\n"
	"invitation, and whether it holds: for each signature either with which key it was\n"
	"verified, or why it could not be.  Opens no node and changes nothing.  PATH \"-\" is\n"
	"standard input.\n"
	"\n"
	"A chain's key comes from its first changeset or from a grant, if one of them is in the\n"
	"same file. Exit status 4: something in it is forged or altered; 10: a key was given and\n"
	"something could still not be verified.\n"
	"\n"
	"Options:\n"
	"\n"
	"  --hub-key KEY  the hub's public key, 64 hex digits: verifies checkpoints, receipts and\n"
	"    grants\n"
	"  --key KEY  the author's public key, for changesets whose chain is not explained in the\n"
	"    file\n"
	"  --json  for programs\n"
	"\n"
	"Examples:\n"
	"\n"
	"  $ simpul inspect /media/usb/13.73.simpul\n"
	"  $ simpul inspect receipt-17.txt --hub-key 5f0c...e1\n"
	"  $ curl -s https://hub.example/v1/checkpoint | simpul inspect -\n";

static const char verify_help[] =
	"Checks a receipt against the hub's public key, offline: that the hub signed a log, and\n"
	"that the changeset is in it, and by when.  Prints SAH / VALID with what is proven, or says\n"
	"what does not fit and ends with status 4 (forged or altered) or 3 (not a receipt).\n"
	"\n"
	"A proof of a submission (its first line is simpul-evidence@v1) carries the changeset too:\n"
	"then also what was handed over, by whom, and whether that was in time.\n"
	"\n"
	"Options:\n"
	"\n"
	"  --hub-key KEY  64 hex digits; get them from the hub by another way than the receipt\n"
	"  --changeset FRAMEFILE  the receipt must be for this changeset, and its content unaltered\n"
	"  --origin NAME  the log must have this name\n"
	"  --json  for programs\n"
	"\n"
	"Examples:\n"
	"\n"
	"  $ simpul verify receipt-17.txt --hub-key 5f0c...e1\n"
	"  $ simpul verify receipt-17.txt --hub-key 5f0c...e1 --changeset 17.smp --origin hub.example/log\n";

static const char account_help[] =
	"The people who may sign in to the web app of this node.  Without more words it lists them.  A\n"
	"password is made here and shown once; its owner changes it in the app.  Accounts stay in this\n"
	"file and are never sent anywhere.  What a role may do is in the workspace's access.json.\n"
	"\n"
	"  add LOGIN  makes an account\n"
	"  reset LOGIN  gives it a new password; ends a lockout, and where it is signed in\n"
	"  disable LOGIN, enable LOGIN  shuts it out at once, and lets it in again\n"
	"\n"
	"Options:\n"
	"\n"
	"  --role R  of the new account\n"
	"  --name N  its name, with which its changes are marked; without it the login\n"
	"  --org ID  the organization whose rows it may write, for roles that write their own only\n"
	"  --json  for programs\n"
	"\n"
	"Examples:\n"
	"\n"
	"  $ simpul account office.db add ana --role operator --name \"Ana Putri\"\n"
	"  $ simpul account office.db reset ana\n";

const struct command command_table[] = {
	{ "init", COMMAND_NONE,
	  "FILE --name NAME [--hub | --scope S] [--workspace NAME [--sample]] [--listen ADDR:PORT]"
	  " [--url URL]",
	  "make a new node or hub", init_help, command_init },
	{ "attach", COMMAND_WRITE, "FILE TABLE... --scope S | --scope-column C",
	  "replicate these tables", attach_help, command_attach },
	{ "detach", COMMAND_WRITE, "FILE TABLE... [--abandon] | --all",
	  "stop replicating tables; leaves the file as it was", detach_help, command_detach },
	{ "alter", COMMAND_WRITE, "FILE SQL... [--yes]", "change replicated tables by SQL", alter_help,
	  command_alter },
	{ "invite", COMMAND_WRITE, "HUBFILE --scope S --role writer|reviewer|reader|relay"
	  " [--url URL] [--hours H]",
	  "make an invitation for a new node", invite_help, command_invite },
	{ "requests", COMMAND_EDIT,
	  "HUBFILE [approve WORDS | refuse WORDS] [--scope S] [--role R] [--hours H] [--json]",
	  "offices that ask to be enrolled", requests_help, command_requests },
	{ "enrol", COMMAND_SYNC, "FILE [INVITATION | --ask URL --scope S [--hub-words WORDS]]",
	  "join a hub, by its invitation or by asking", enrol_help, command_enrol },
	{ "run", COMMAND_RUN,
	  "FILE [--listen ADDR:PORT] [--web ADDR:PORT|off] [--web-name NAMES] [--changes-max N]",
	  "keep running and exchange changes", run_help, command_run },
	{ "sync", COMMAND_SYNC, "FILE [--changes-max N]", "exchange changes once, now", sync_help,
	  command_sync },
	{ "status", COMMAND_VIEW, "FILE [--json]", "how things stand, and why nothing moves", status_help,
	  command_status },
	{ "log", COMMAND_VIEW, "FILE [N] [--limit L] [--scope S] [--json]",
	  "who changed what, and when", log_help, command_log },
	{ "conflicts", COMMAND_REVIEW,
	  "FILE [show NUMBER | choose NUMBER CHANGESET | choose NUMBER --value TEXT | --null]"
	  " [--all | --csv | --acts] [--json]", "values that wait for a person to choose", conflicts_help,
	  command_conflicts },
	{ "violations", COMMAND_REVIEW, "FILE [--put-back TABLE KEY... | --acts] [--scope S] [--json]",
	  "rows that break a rule, and what to do", violations_help, command_violations },
	{ "held", COMMAND_REVIEW,
	  "FILE [why ID | retry [ID] | discard ID --reason TEXT | --all | --acts] [--json]",
	  "changesets that wait for something earlier", held_help, command_held },
	{ "quarantine", COMMAND_REVIEW,
	  "FILE [why ID | retry ID | discard ID --reason TEXT | --all | --acts] [--json]",
	  "changesets that break a rule", quarantine_help, command_quarantine },
	{ "rules", COMMAND_EDIT, "FILE [RULES.json] [--json]",
	  "what wins in a merge, and who may write what", rules_help, command_rules },
	{ "receipts", COMMAND_EDIT, "FILE [--save N RECEIPT | --save-all DIR] [--json]",
	  "what the hub has confirmed", receipts_help, command_receipts },
	{ "peers", COMMAND_EDIT, "FILE [add URL [--key HEX] | remove URL] [--json]",
	  "whom this node exchanges with", peers_help, command_peers },
	{ "files", COMMAND_VIEW, "FILE [add PATH | get SHA256 OUT] [--missing] [--json]",
	  "attachments: which there are, where, and what is missing", files_help, command_files },
	{ "bundle", COMMAND_SYNC,
	  "export FILE OUT [--scope S] [--unsent] | import FILE BUNDLE",
	  "carry changes on a USB stick", bundle_help, command_bundle },
	{ "export", COMMAND_VIEW, "FILE [--table T] [--format csv|json]",
	  "replicated rows as CSV or JSON", export_help, command_export },
	{ "at", COMMAND_VIEW, "FILE TIME SQL [--csv] [--json]",
	  "the tables as they were at a time", at_help, command_at },
	{ "diff", COMMAND_VIEW, "FILE TIME1 TIME2 TABLE [--csv] [--json]",
	  "what changed between two times", diff_help, command_diff },
	{ "blame", COMMAND_VIEW, "FILE TABLE KEY... [COLUMN] [--scope S] [--json]",
	  "who wrote what stands in a row", blame_help, command_blame },
	{ "account", COMMAND_EDIT,
	  "FILE [add|reset|disable|enable LOGIN] [--role R] [--name N] [--org ID] [--json]",
	  "who may sign in to the web app", account_help, command_account },
	{ "write", COMMAND_WRITE, "FILE --as NAME [--seen SEQ] SQL [--json]",
	  "write on behalf of a person", write_help, command_write },
	{ "check", COMMAND_VIEW, "FILE [--json]", "does the file agree with its log", check_help,
	  command_check },
	{ "rebuild", COMMAND_WRITE, "FILE [--dry-run] [--force] [--json]",
	  "make the tables anew from the log", rebuild_help, command_rebuild },
	{ "revoke", COMMAND_WRITE, "HUBFILE CHAIN --after SEQ [--reason TEXT]",
	  "take back a device's rights", revoke_help, command_revoke },
	{ "restored", COMMAND_WRITE, "HUBFILE", "say that the hub came back from a backup",
	  restored_help, command_restored },
	{ "inspect", COMMAND_NONE, "PATH [--hub-key KEY] [--key KEY] [--json]",
	  "what is in a file, and whether it is genuine", inspect_help, command_inspect },
	{ "verify", COMMAND_NONE, "RECEIPT --hub-key KEY [--changeset FRAMEFILE] [--origin NAME] [--json]",
	  "check a receipt offline", verify_help, command_verify },
	{ NULL, COMMAND_NONE, NULL, NULL, NULL, NULL },
};
