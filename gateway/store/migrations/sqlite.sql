CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
CREATE TABLE account (
	id VARCHAR(100) NOT NULL, 
	figures TEXT NOT NULL, 
	last_activity_at BIGINT, 
	last_activity VARCHAR(40), 
	CONSTRAINT pk_account PRIMARY KEY (id)
);
CREATE TABLE activity (
	id INTEGER NOT NULL, 
	account VARCHAR(100) NOT NULL, 
	at BIGINT NOT NULL, 
	kind VARCHAR(40) NOT NULL, 
	reference VARCHAR(200) NOT NULL, 
	figures TEXT NOT NULL, 
	message VARCHAR(36), 
	CONSTRAINT pk_activity PRIMARY KEY (id)
);
CREATE INDEX ix_activity_account ON activity (account, at);
CREATE TABLE api_key (
	sha256 VARCHAR(64) NOT NULL, 
	name VARCHAR(100) NOT NULL, 
	role VARCHAR(20) NOT NULL, 
	partner VARCHAR(100), 
	created_at BIGINT NOT NULL, 
	revoked_at BIGINT, partners TEXT, fields TEXT, scopes TEXT, expires_at BIGINT, used_at BIGINT, issued_by VARCHAR(100), 
	CONSTRAINT pk_api_key PRIMARY KEY (sha256)
);
CREATE TABLE audit (
	id INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	user VARCHAR(100) NOT NULL, 
	action VARCHAR(80) NOT NULL, 
	subject VARCHAR(200) NOT NULL, 
	"before" TEXT, 
	"after" TEXT, 
	CONSTRAINT pk_audit PRIMARY KEY (id)
);
CREATE INDEX ix_audit_subject ON audit (subject, id);
CREATE TABLE business_order (
	side VARCHAR(10) NOT NULL, 
	partner VARCHAR(100) NOT NULL, 
	number VARCHAR(200) NOT NULL, 
	status VARCHAR(20) NOT NULL, 
	ordered_on VARCHAR(10) NOT NULL, 
	ship_to VARCHAR(20), 
	currency VARCHAR(3), 
	digest VARCHAR(64), 
	document TEXT, 
	message VARCHAR(36), 
	effect_key VARCHAR(200) NOT NULL, 
	updated_at BIGINT NOT NULL, pending TEXT, 
	CONSTRAINT pk_business_order PRIMARY KEY (side, partner, number)
);
CREATE INDEX ix_business_order_number ON business_order (number);
CREATE TABLE "case" (
	id INTEGER NOT NULL, 
	account VARCHAR(100) NOT NULL, 
	code VARCHAR(80) NOT NULL, 
	subject VARCHAR(200) NOT NULL, 
	params TEXT NOT NULL, 
	times INTEGER NOT NULL, 
	opened_at BIGINT NOT NULL, 
	updated_at BIGINT NOT NULL, 
	closed_at BIGINT, 
	message VARCHAR(36), 
	CONSTRAINT pk_case PRIMARY KEY (id)
);
CREATE UNIQUE INDEX uq_case_open ON "case" (account, code, subject) WHERE closed_at IS NULL;
CREATE TABLE counter (
	name VARCHAR(200) NOT NULL, 
	value BIGINT NOT NULL, 
	CONSTRAINT pk_counter PRIMARY KEY (name)
);
CREATE TABLE dedupe (
	"key" VARCHAR(64) NOT NULL, 
	kind VARCHAR(20) NOT NULL, 
	sha256 VARCHAR(64) NOT NULL, 
	arrival VARCHAR(36) NOT NULL, 
	at BIGINT NOT NULL, receipt BLOB, 
	CONSTRAINT pk_dedupe PRIMARY KEY ("key")
);
CREATE TABLE definition (
	sha256 VARCHAR(64) NOT NULL, 
	files TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	active BOOLEAN NOT NULL, 
	CONSTRAINT pk_definition PRIMARY KEY (sha256)
);
CREATE TABLE effect (
	message VARCHAR(36) NOT NULL, 
	kind VARCHAR(40) NOT NULL, 
	"key" VARCHAR(200) NOT NULL, 
	data TEXT NOT NULL, 
	test BOOLEAN NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_effect PRIMARY KEY (message, kind, "key")
);
CREATE TABLE event (
	id INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	subject VARCHAR(36) NOT NULL, 
	what VARCHAR(60) NOT NULL, 
	data TEXT NOT NULL, 
	CONSTRAINT pk_event PRIMARY KEY (id)
);
CREATE INDEX ix_event_subject ON event (subject, id);
CREATE TABLE lane (
	"key" VARCHAR(200) NOT NULL, 
	mode VARCHAR(10) NOT NULL, 
	epoch INTEGER NOT NULL, 
	owner VARCHAR(80), 
	lease_until BIGINT, 
	blocked_by VARCHAR(36), 
	CONSTRAINT pk_lane PRIMARY KEY ("key")
);
CREATE TABLE order_line (
	side VARCHAR(10) NOT NULL, 
	partner VARCHAR(100) NOT NULL, 
	order_number VARCHAR(200) NOT NULL, 
	number VARCHAR(40) NOT NULL, 
	position INTEGER NOT NULL, 
	gtin VARCHAR(14) NOT NULL, 
	ordered BIGINT NOT NULL, 
	confirmed BIGINT NOT NULL, 
	backordered BIGINT NOT NULL, 
	despatched BIGINT NOT NULL, 
	received BIGINT NOT NULL, 
	status VARCHAR(20) NOT NULL, 
	price VARCHAR(40), 
	promised VARCHAR(10), invoiced BIGINT DEFAULT '0' NOT NULL, returned BIGINT DEFAULT '0' NOT NULL, requested VARCHAR(10), reason VARCHAR(80), 
	CONSTRAINT pk_order_line PRIMARY KEY (side, partner, order_number, number)
);
CREATE INDEX ix_order_line_backordered ON order_line (gtin) WHERE backordered > 0;
CREATE TABLE payload (
	sha256 VARCHAR(64) NOT NULL, 
	size_bytes BIGINT NOT NULL, 
	data BLOB, month INTEGER DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_payload PRIMARY KEY (sha256)
);
CREATE TABLE proposal (
	id VARCHAR(80) NOT NULL, 
	supplier VARCHAR(100) NOT NULL, 
	status VARCHAR(20) NOT NULL, 
	value VARCHAR(40), 
	currency VARCHAR(3), 
	document TEXT NOT NULL, 
	message VARCHAR(36), 
	created_at BIGINT NOT NULL, 
	updated_at BIGINT NOT NULL, 
	CONSTRAINT pk_proposal PRIMARY KEY (id)
);
CREATE INDEX ix_proposal_open ON proposal (supplier) WHERE status = 'proposed';
CREATE TABLE reported_stock (
	partner VARCHAR(100) NOT NULL, 
	location VARCHAR(20) NOT NULL, 
	gtin VARCHAR(14) NOT NULL, 
	type VARCHAR(20) NOT NULL, 
	quantity BIGINT NOT NULL, 
	at VARCHAR(40) NOT NULL, 
	message VARCHAR(36), 
	CONSTRAINT pk_reported_stock PRIMARY KEY (partner, location, gtin, type)
);
CREATE TABLE sales (
	partner VARCHAR(100) NOT NULL, 
	location VARCHAR(20) NOT NULL, 
	gtin VARCHAR(14) NOT NULL, 
	day VARCHAR(10) NOT NULL, 
	sold BIGINT NOT NULL, 
	returned BIGINT NOT NULL, 
	message VARCHAR(36), lost BIGINT DEFAULT '0' NOT NULL, excluded BIGINT DEFAULT '0' NOT NULL, promo BIGINT DEFAULT '0' NOT NULL, report VARCHAR(200) DEFAULT '' NOT NULL, 
	CONSTRAINT pk_sales PRIMARY KEY (partner, location, gtin, day)
);
CREATE INDEX ix_sales_gtin_day ON sales (gtin, day);
CREATE TABLE shipment (
	side VARCHAR(10) NOT NULL, 
	partner VARCHAR(100) NOT NULL, 
	number VARCHAR(200) NOT NULL, 
	order_number VARCHAR(200), 
	status VARCHAR(20) NOT NULL, 
	despatched_at VARCHAR(40), 
	lines TEXT NOT NULL, 
	message VARCHAR(36), 
	effect_key VARCHAR(200) NOT NULL, 
	updated_at BIGINT NOT NULL, document TEXT, 
	CONSTRAINT pk_shipment PRIMARY KEY (side, partner, number)
);
CREATE TABLE stock (
	gtin VARCHAR(14) NOT NULL, 
	location VARCHAR(20) NOT NULL, 
	on_hand BIGINT NOT NULL, 
	allocated BIGINT NOT NULL, 
	backordered BIGINT NOT NULL, 
	on_order BIGINT NOT NULL, 
	in_transit BIGINT NOT NULL, 
	updated_at BIGINT NOT NULL, 
	CONSTRAINT pk_stock PRIMARY KEY (gtin, location)
);
CREATE TABLE tick (
	job VARCHAR(80) NOT NULL, 
	planned BIGINT NOT NULL, 
	CONSTRAINT pk_tick PRIMARY KEY (job, planned)
);
CREATE TABLE timer (
	kind VARCHAR(40) NOT NULL, 
	subject VARCHAR(200) NOT NULL, 
	due BIGINT NOT NULL, 
	CONSTRAINT pk_timer PRIMARY KEY (kind, subject)
);
CREATE INDEX ix_timer_due ON timer (due);
CREATE TABLE user (
	id INTEGER NOT NULL, 
	name VARCHAR(100) NOT NULL, 
	role VARCHAR(20) NOT NULL, 
	partner VARCHAR(100), 
	password VARCHAR(200), 
	language VARCHAR(10), 
	created_at BIGINT NOT NULL, 
	disabled_at BIGINT, partners TEXT, fields TEXT, totp TEXT, totp_since BIGINT, totp_step BIGINT, password_at BIGINT, seen_at BIGINT, 
	CONSTRAINT pk_user PRIMARY KEY (id), 
	CONSTRAINT uq_user_name UNIQUE (name)
);
CREATE TABLE arrival (
	id VARCHAR(36) NOT NULL, 
	seq INTEGER NOT NULL, 
	lane VARCHAR(200) NOT NULL, 
	partner VARCHAR(100) NOT NULL, 
	channel VARCHAR(40) NOT NULL, 
	state VARCHAR(20) NOT NULL, 
	received_at BIGINT NOT NULL, 
	next_at BIGINT, 
	attempts INTEGER NOT NULL, 
	sha256 VARCHAR(64) NOT NULL, 
	size_bytes BIGINT NOT NULL, 
	content_type VARCHAR(200) NOT NULL, 
	filename VARCHAR(255), 
	transport_id VARCHAR(998), 
	test BOOLEAN NOT NULL, 
	receipt BLOB, 
	evidence TEXT NOT NULL, 
	fault TEXT, origin VARCHAR(36), fault_code VARCHAR(80), fault_place VARCHAR(120) DEFAULT '' NOT NULL, alone BOOLEAN DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_arrival PRIMARY KEY (id), 
	CONSTRAINT fk_arrival_sha256 FOREIGN KEY(sha256) REFERENCES payload (sha256), 
	CONSTRAINT uq_arrival_seq UNIQUE (seq)
);
CREATE INDEX ix_arrival_received_at ON arrival (received_at, id);
CREATE INDEX ix_arrival_open ON arrival (lane, seq) WHERE state IN ('received', 'retry');
CREATE TABLE login_link (
	sha256 VARCHAR(64) NOT NULL, 
	user INTEGER NOT NULL, 
	expires_at BIGINT NOT NULL, 
	used_at BIGINT, 
	CONSTRAINT pk_login_link PRIMARY KEY (sha256), 
	CONSTRAINT fk_login_link_user FOREIGN KEY(user) REFERENCES user (id)
);
CREATE TABLE parcel (
	id VARCHAR(36) NOT NULL, 
	seq INTEGER NOT NULL, 
	partner VARCHAR(100) NOT NULL, 
	channel VARCHAR(40) NOT NULL, 
	mapping VARCHAR(200) NOT NULL, 
	document_type VARCHAR(60) NOT NULL, 
	business_number VARCHAR(200), 
	control_reference VARCHAR(80), 
	document TEXT, 
	sha256 VARCHAR(64) NOT NULL, 
	content_type VARCHAR(200) NOT NULL, 
	filename VARCHAR(255) NOT NULL, 
	cause VARCHAR(36), 
	about VARCHAR(200), 
	test BOOLEAN NOT NULL, 
	state VARCHAR(20) NOT NULL, 
	expects VARCHAR(20), 
	due BIGINT, 
	attempts INTEGER NOT NULL, 
	next_at BIGINT NOT NULL, 
	epoch INTEGER NOT NULL, 
	owner VARCHAR(80), 
	lease_until BIGINT, 
	transport_id VARCHAR(998), 
	wrapped_headers TEXT, 
	wrapped_body BLOB, 
	mic VARCHAR(200), 
	proof TEXT, 
	proof_body BLOB, 
	fault TEXT, 
	fault_code VARCHAR(80), 
	created_at BIGINT NOT NULL, 
	updated_at BIGINT NOT NULL, wrapped_sha256 VARCHAR(64), carrier VARCHAR(36), lot VARCHAR(200), message_reference VARCHAR(14), fault_place VARCHAR(120) DEFAULT '' NOT NULL, 
	CONSTRAINT pk_parcel PRIMARY KEY (id), 
	CONSTRAINT fk_parcel_sha256 FOREIGN KEY(sha256) REFERENCES payload (sha256), 
	CONSTRAINT uq_parcel_seq UNIQUE (seq)
);
CREATE INDEX ix_parcel_business_number ON parcel (business_number);
CREATE INDEX ix_parcel_cause ON parcel (cause);
CREATE INDEX ix_parcel_control ON parcel (partner, control_reference);
CREATE INDEX ix_parcel_created_at ON parcel (created_at, id);
CREATE INDEX ix_parcel_open ON parcel (next_at, seq) WHERE state IN ('queued', 'wrapped', 'sending', 'retry');
CREATE TABLE session (
	sha256 VARCHAR(64) NOT NULL, 
	user INTEGER NOT NULL, 
	csrf VARCHAR(64) NOT NULL, 
	created_at BIGINT NOT NULL, 
	expires_at BIGINT NOT NULL, 
	agent VARCHAR(200), address VARCHAR(64), method VARCHAR(20), seen_at BIGINT, pending BOOLEAN DEFAULT 0 NOT NULL, 
	CONSTRAINT pk_session PRIMARY KEY (sha256), 
	CONSTRAINT fk_session_user FOREIGN KEY(user) REFERENCES user (id)
);
CREATE TABLE interchange (
	id INTEGER NOT NULL, 
	arrival VARCHAR(36) NOT NULL, 
	position INTEGER NOT NULL, 
	syntax VARCHAR(20) NOT NULL, 
	sender VARCHAR(200) NOT NULL, 
	receiver VARCHAR(200) NOT NULL, 
	reference VARCHAR(80) NOT NULL, 
	test BOOLEAN NOT NULL, 
	status VARCHAR(20) NOT NULL, 
	findings TEXT NOT NULL, 
	CONSTRAINT pk_interchange PRIMARY KEY (id), 
	CONSTRAINT fk_interchange_arrival FOREIGN KEY(arrival) REFERENCES arrival (id), 
	CONSTRAINT uq_interchange_arrival_position UNIQUE (arrival, position)
);
CREATE TABLE message (
	id VARCHAR(36) NOT NULL, 
	seq INTEGER NOT NULL, 
	arrival VARCHAR(36) NOT NULL, 
	position INTEGER NOT NULL, 
	interchange INTEGER, 
	lane VARCHAR(200) NOT NULL, 
	partner VARCHAR(100) NOT NULL, 
	channel VARCHAR(40) NOT NULL, 
	state VARCHAR(20) NOT NULL, 
	type VARCHAR(60) NOT NULL, 
	mapping VARCHAR(200), 
	mapping_hash VARCHAR(64), 
	reference VARCHAR(80), 
	document_type VARCHAR(60), 
	document TEXT, 
	business_number VARCHAR(200), 
	findings TEXT NOT NULL, 
	sources TEXT NOT NULL, 
	fault TEXT, 
	fault_code VARCHAR(80), 
	owner VARCHAR(20), 
	start BIGINT NOT NULL, 
	"end" BIGINT NOT NULL, 
	test BOOLEAN NOT NULL, 
	attempts INTEGER NOT NULL, 
	next_at BIGINT, 
	received_at BIGINT NOT NULL, 
	updated_at BIGINT NOT NULL, blocks BOOLEAN DEFAULT 0 NOT NULL, fault_place VARCHAR(120) DEFAULT '' NOT NULL, 
	CONSTRAINT pk_message PRIMARY KEY (id), 
	CONSTRAINT fk_message_arrival FOREIGN KEY(arrival) REFERENCES arrival (id), 
	CONSTRAINT fk_message_interchange FOREIGN KEY(interchange) REFERENCES interchange (id), 
	CONSTRAINT uq_message_arrival_position UNIQUE (arrival, position)
);
CREATE INDEX ix_message_business_number ON message (business_number);
CREATE INDEX ix_message_open ON message (lane, seq, position) WHERE state IN ('received', 'parsed', 'retry');
CREATE INDEX ix_message_parked ON message (partner, received_at) WHERE state IN ('parked', 'quarantined', 'held');
CREATE INDEX ix_message_received_at ON message (received_at, id);
CREATE TABLE node (
	id VARCHAR(120) NOT NULL, 
	host VARCHAR(100) NOT NULL, 
	pid INTEGER NOT NULL, 
	build VARCHAR(40) NOT NULL, 
	started_at BIGINT NOT NULL, 
	seen_at BIGINT NOT NULL, 
	stopped_at BIGINT, 
	CONSTRAINT pk_node PRIMARY KEY (id)
);
CREATE TABLE hold (
	kind VARCHAR(10) NOT NULL, 
	"key" VARCHAR(100) NOT NULL, 
	reason TEXT NOT NULL, 
	user VARCHAR(100) NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_hold PRIMARY KEY (kind, "key")
);
CREATE TABLE breaker (
	partner VARCHAR(100) NOT NULL, 
	failures INTEGER NOT NULL, 
	open_until BIGINT, 
	fault_code VARCHAR(80), 
	updated_at BIGINT NOT NULL, 
	CONSTRAINT pk_breaker PRIMARY KEY (partner)
);
CREATE TABLE bulk (
	id VARCHAR(36) NOT NULL, 
	user VARCHAR(100) NOT NULL, 
	reason TEXT NOT NULL, 
	chosen TEXT NOT NULL, 
	state VARCHAR(20) NOT NULL, 
	total INTEGER NOT NULL, 
	done INTEGER NOT NULL, 
	created_at BIGINT NOT NULL, 
	updated_at BIGINT NOT NULL, 
	CONSTRAINT pk_bulk PRIMARY KEY (id)
);
CREATE INDEX ix_message_blocks ON message (lane, seq, position) WHERE blocks;
CREATE INDEX ix_parcel_transport_id ON parcel (transport_id);
CREATE TABLE basket_line (
	user VARCHAR(100) NOT NULL, 
	supplier VARCHAR(100) NOT NULL, 
	gtin VARCHAR(14) NOT NULL, 
	quantity BIGINT NOT NULL, 
	updated_at BIGINT NOT NULL, 
	CONSTRAINT pk_basket_line PRIMARY KEY (user, supplier, gtin)
);
CREATE TABLE expectation (
	partner VARCHAR(100) NOT NULL, 
	document_type VARCHAR(60) NOT NULL, 
	subject VARCHAR(200) NOT NULL, 
	state VARCHAR(10) NOT NULL, 
	due BIGINT NOT NULL, 
	message VARCHAR(36), 
	met_at BIGINT, 
	met_by VARCHAR(36), 
	CONSTRAINT pk_expectation PRIMARY KEY (partner, document_type, subject)
);
CREATE INDEX ix_expectation_partner ON expectation (partner, due);
CREATE INDEX ix_expectation_waiting ON expectation (due) WHERE state = 'waiting';
CREATE TABLE import_change (
	run VARCHAR(36) NOT NULL, 
	seq INTEGER NOT NULL, 
	"key" TEXT NOT NULL, 
	"before" TEXT, 
	CONSTRAINT pk_import_change PRIMARY KEY (run, seq)
);
CREATE TABLE import_columns (
	kind VARCHAR(20) NOT NULL, 
	header VARCHAR(64) NOT NULL, 
	columns TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_import_columns PRIMARY KEY (kind, header)
);
CREATE TABLE import_run (
	id VARCHAR(36) NOT NULL, 
	kind VARCHAR(20) NOT NULL, 
	file VARCHAR(255) NOT NULL, 
	sha256 VARCHAR(64) NOT NULL, 
	user VARCHAR(100) NOT NULL, 
	state VARCHAR(20) NOT NULL, 
	rows INTEGER NOT NULL, 
	changed INTEGER NOT NULL, 
	rejected INTEGER NOT NULL, 
	problems TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	updated_at BIGINT NOT NULL, 
	CONSTRAINT pk_import_run PRIMARY KEY (id)
);
CREATE TABLE invoice (
	side VARCHAR(10) NOT NULL, 
	partner VARCHAR(100) NOT NULL, 
	number VARCHAR(200) NOT NULL, 
	kind VARCHAR(20) NOT NULL, 
	status VARCHAR(20) NOT NULL, 
	issued_on VARCHAR(10) NOT NULL, 
	due_on VARCHAR(10), 
	currency VARCHAR(3) NOT NULL, 
	net VARCHAR(40) NOT NULL, 
	tax VARCHAR(40) NOT NULL, 
	gross VARCHAR(40) NOT NULL, 
	open VARCHAR(40) NOT NULL, 
	order_number VARCHAR(200), 
	shipment_number VARCHAR(200), 
	credits VARCHAR(200), 
	document TEXT, 
	message VARCHAR(36), 
	effect_key VARCHAR(200) NOT NULL, 
	updated_at BIGINT NOT NULL, 
	CONSTRAINT pk_invoice PRIMARY KEY (side, partner, number)
);
CREATE INDEX ix_invoice_number ON invoice (number);
CREATE INDEX ix_invoice_order ON invoice (order_number);
CREATE INDEX ix_invoice_open ON invoice (side, partner) WHERE status NOT IN ('paid', 'credited');
CREATE TABLE invoice_line (
	side VARCHAR(10) NOT NULL, 
	partner VARCHAR(100) NOT NULL, 
	invoice_number VARCHAR(200) NOT NULL, 
	number VARCHAR(40) NOT NULL, 
	position INTEGER NOT NULL, 
	gtin VARCHAR(14) NOT NULL, 
	quantity BIGINT NOT NULL, 
	price VARCHAR(40), 
	amount VARCHAR(40) NOT NULL, 
	order_number VARCHAR(200), 
	order_line VARCHAR(40), 
	CONSTRAINT pk_invoice_line PRIMARY KEY (side, partner, invoice_number, number)
);
CREATE TABLE item (
	gtin VARCHAR(14) NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	name_zh VARCHAR(200), 
	unit VARCHAR(10) NOT NULL, 
	supplier VARCHAR(100), 
	supplier_item VARCHAR(80), 
	pack VARCHAR(40) NOT NULL, 
	sales_price VARCHAR(40), 
	purchase_price VARCHAR(40), 
	currency VARCHAR(3) NOT NULL, 
	active BOOLEAN NOT NULL, 
	category VARCHAR(100), 
	substitute VARCHAR(14), 
	updated_at BIGINT NOT NULL, 
	CONSTRAINT pk_item PRIMARY KEY (gtin)
);
CREATE INDEX ix_item_supplier ON item (supplier, supplier_item);
CREATE TABLE item_pack (
	gtin VARCHAR(14) NOT NULL, 
	"inner" VARCHAR(14) NOT NULL, 
	contents BIGINT NOT NULL, 
	level VARCHAR(20) NOT NULL, 
	updated_at BIGINT NOT NULL, 
	CONSTRAINT pk_item_pack PRIMARY KEY (gtin)
);
CREATE INDEX ix_item_pack_inner ON item_pack ("inner");
CREATE TABLE link (
	side VARCHAR(10) NOT NULL, 
	partner VARCHAR(100) NOT NULL, 
	source_type VARCHAR(60) NOT NULL, 
	source VARCHAR(200) NOT NULL, 
	to_type VARCHAR(60) NOT NULL, 
	"to" VARCHAR(200) NOT NULL, 
	message VARCHAR(36), 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_link PRIMARY KEY (side, partner, source_type, source, to_type, "to")
);
CREATE INDEX ix_link_to ON link (partner, to_type, "to");
CREATE TABLE offer (
	supplier VARCHAR(100) NOT NULL, 
	gtin VARCHAR(14) NOT NULL, 
	kind VARCHAR(10) NOT NULL, 
	minimum BIGINT NOT NULL, 
	valid_from VARCHAR(10) NOT NULL, 
	valid_to VARCHAR(10), 
	price VARCHAR(40) NOT NULL, 
	currency VARCHAR(3) NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	supplier_item VARCHAR(80), 
	increment BIGINT NOT NULL, 
	lead_time_days INTEGER, 
	withdrawn BOOLEAN NOT NULL, 
	message VARCHAR(36), 
	updated_at BIGINT NOT NULL, 
	CONSTRAINT pk_offer PRIMARY KEY (supplier, gtin, kind, minimum, valid_from)
);
CREATE INDEX ix_offer_gtin ON offer (gtin, supplier);
CREATE TABLE place (
	gln VARCHAR(20) NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	kind VARCHAR(20) NOT NULL, 
	partner VARCHAR(100), 
	data TEXT NOT NULL, 
	updated_at BIGINT NOT NULL, 
	CONSTRAINT pk_place PRIMARY KEY (gln)
);
CREATE INDEX ix_place_partner ON place (partner);
CREATE TABLE price (
	price_list VARCHAR(80) NOT NULL, 
	gtin VARCHAR(14) NOT NULL, 
	minimum BIGINT NOT NULL, 
	valid_from VARCHAR(10) NOT NULL, 
	valid_to VARCHAR(10), 
	price VARCHAR(40) NOT NULL, 
	currency VARCHAR(3) NOT NULL, 
	updated_at BIGINT NOT NULL, 
	CONSTRAINT pk_price PRIMARY KEY (price_list, gtin, minimum, valid_from)
);
CREATE TABLE return_notice (
	side VARCHAR(10) NOT NULL, 
	partner VARCHAR(100) NOT NULL, 
	number VARCHAR(200) NOT NULL, 
	status VARCHAR(20) NOT NULL, 
	order_number VARCHAR(200), 
	shipment_number VARCHAR(200), 
	lines TEXT NOT NULL, 
	document TEXT, 
	message VARCHAR(36), 
	effect_key VARCHAR(200) NOT NULL, 
	updated_at BIGINT NOT NULL, 
	CONSTRAINT pk_return_notice PRIMARY KEY (side, partner, number)
);
CREATE TABLE settlement (
	side VARCHAR(10) NOT NULL, 
	partner VARCHAR(100) NOT NULL, 
	remittance VARCHAR(200) NOT NULL, 
	invoice_number VARCHAR(200) NOT NULL, 
	paid VARCHAR(40) NOT NULL, 
	currency VARCHAR(3) NOT NULL, 
	paid_on VARCHAR(10) NOT NULL, 
	adjustment VARCHAR(40) NOT NULL, 
	reason VARCHAR(200), 
	message VARCHAR(36), 
	CONSTRAINT pk_settlement PRIMARY KEY (side, partner, remittance, invoice_number)
);
CREATE INDEX ix_settlement_invoice ON settlement (side, partner, invoice_number);
CREATE INDEX ix_order_line_supply ON order_line (gtin) WHERE side = 'purchase' AND status NOT IN ('received', 'rejected', 'cancelled');
CREATE INDEX ix_business_order_waiting ON business_order (updated_at) WHERE status = 'waiting';
CREATE INDEX ix_shipment_order ON shipment (side, partner, order_number);
CREATE INDEX ix_return_notice_order ON return_notice (side, partner, order_number);
CREATE TABLE search_key (
	subject VARCHAR(36) NOT NULL, 
	kind VARCHAR(10) NOT NULL, 
	value VARCHAR(100) NOT NULL, 
	"of" VARCHAR(10) NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_search_key PRIMARY KEY (subject, kind, value)
)
 WITHOUT ROWID

;
CREATE TABLE legal_hold (
	id VARCHAR(36) NOT NULL, 
	partner VARCHAR(100), 
	type VARCHAR(60), 
	subject VARCHAR(36), 
	since BIGINT, 
	until BIGINT, 
	reason TEXT NOT NULL, 
	user VARCHAR(100) NOT NULL, 
	at BIGINT NOT NULL, 
	released_at BIGINT, 
	CONSTRAINT pk_legal_hold PRIMARY KEY (id)
);
CREATE INDEX ix_payload_month ON payload (month);
CREATE INDEX ix_dedupe_at ON dedupe (at);
CREATE INDEX ix_parcel_carrier ON parcel (carrier) WHERE carrier IS NOT NULL;
CREATE INDEX ix_parcel_lot ON parcel (lot) WHERE state = 'waiting';
CREATE TABLE logistic_unit (
	sscc VARCHAR(18) NOT NULL, 
	partner VARCHAR(100) NOT NULL, 
	shipment_number VARCHAR(200) NOT NULL, 
	message VARCHAR(36), 
	effect_key VARCHAR(200) NOT NULL, 
	used_at BIGINT NOT NULL, 
	CONSTRAINT pk_logistic_unit PRIMARY KEY (sscc)
);
CREATE TABLE recovery_code (
	sha256 VARCHAR(64) NOT NULL, 
	user INTEGER NOT NULL, 
	made_at BIGINT NOT NULL, 
	used_at BIGINT, 
	CONSTRAINT pk_recovery_code PRIMARY KEY (sha256), 
	CONSTRAINT fk_recovery_code_user FOREIGN KEY(user) REFERENCES user (id)
);
CREATE INDEX ix_recovery_code_user ON recovery_code (user);
CREATE TABLE sign_in_guard (
	"key" VARCHAR(200) NOT NULL, 
	failures INTEGER NOT NULL, 
	last_at BIGINT NOT NULL, 
	until BIGINT NOT NULL, 
	CONSTRAINT pk_sign_in_guard PRIMARY KEY ("key")
);
CREATE TABLE idempotent_call (
	caller VARCHAR(120) NOT NULL, 
	"key" VARCHAR(200) NOT NULL, 
	request VARCHAR(64) NOT NULL, 
	status INTEGER, 
	body TEXT, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_idempotent_call PRIMARY KEY (caller, "key")
);
CREATE INDEX ix_idempotent_call_at ON idempotent_call (at);
CREATE INDEX ix_arrival_problem ON arrival (partner, fault_code, fault_place, received_at, state, id) WHERE state IN ('parked', 'quarantined');
CREATE INDEX ix_message_problem ON message (partner, fault_code, fault_place, received_at, updated_at, state) WHERE state IN ('parked', 'quarantined');
CREATE INDEX ix_parcel_problem ON parcel (partner, fault_code, fault_place, created_at, updated_at, state) WHERE state IN ('refused', 'parked', 'expired');
CREATE INDEX ix_expectation_overdue ON expectation (partner, document_type, due) WHERE state = 'overdue';
CREATE TABLE problem (
	id VARCHAR(32) NOT NULL, 
	kind VARCHAR(10) NOT NULL, 
	code VARCHAR(80) NOT NULL, 
	partner VARCHAR(100) NOT NULL, 
	place VARCHAR(120) NOT NULL, 
	state VARCHAR(14) NOT NULL, 
	owner VARCHAR(100), 
	note TEXT NOT NULL, 
	until BIGINT, 
	marked_at BIGINT NOT NULL, 
	user VARCHAR(100) NOT NULL, 
	updated_at BIGINT NOT NULL, 
	CONSTRAINT pk_problem PRIMARY KEY (id)
);
CREATE TABLE bulk_item (
	bulk VARCHAR(36) NOT NULL, 
	seq INTEGER NOT NULL, 
	subject VARCHAR(36) NOT NULL, 
	CONSTRAINT pk_bulk_item PRIMARY KEY (bulk, seq)
);
CREATE TABLE alert_rule (
	id VARCHAR(36) NOT NULL, 
	name VARCHAR(100) NOT NULL, 
	kind VARCHAR(30) NOT NULL, 
	partner VARCHAR(100), 
	params TEXT NOT NULL, 
	targets TEXT NOT NULL, 
	quiet TEXT, 
	enabled BOOLEAN NOT NULL, 
	created_at BIGINT NOT NULL, 
	updated_at BIGINT NOT NULL, 
	user VARCHAR(100) NOT NULL, 
	CONSTRAINT pk_alert_rule PRIMARY KEY (id)
);
CREATE TABLE alert_firing (
	id VARCHAR(36) NOT NULL, 
	rule VARCHAR(36) NOT NULL, 
	subject VARCHAR(200) NOT NULL, 
	since BIGINT NOT NULL, 
	fired_at BIGINT NOT NULL, 
	cleared_at BIGINT, 
	code VARCHAR(80) NOT NULL, 
	params TEXT NOT NULL, 
	link VARCHAR(300) NOT NULL, 
	test BOOLEAN NOT NULL, 
	CONSTRAINT pk_alert_firing PRIMARY KEY (id)
);
CREATE UNIQUE INDEX uq_alert_firing_open ON alert_firing (rule, subject) WHERE cleared_at IS NULL;
CREATE INDEX ix_alert_firing_fired_at ON alert_firing (fired_at);
CREATE TABLE alert_delivery (
	id VARCHAR(36) NOT NULL, 
	firing VARCHAR(36) NOT NULL, 
	kind VARCHAR(10) NOT NULL, 
	target VARCHAR(500) NOT NULL, 
	state VARCHAR(10) NOT NULL, 
	attempts INTEGER NOT NULL, 
	next_at BIGINT NOT NULL, 
	error TEXT, 
	updated_at BIGINT NOT NULL, 
	CONSTRAINT pk_alert_delivery PRIMARY KEY (id)
);
CREATE INDEX ix_alert_delivery_open ON alert_delivery (next_at) WHERE state IN ('queued', 'sending');
CREATE INDEX ix_alert_delivery_firing ON alert_delivery (firing);
CREATE TABLE definition_change (
	id INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	partner VARCHAR(100) NOT NULL, 
	path VARCHAR(300) NOT NULL, 
	user VARCHAR(100) NOT NULL, 
	action VARCHAR(80) NOT NULL, 
	reason TEXT NOT NULL, 
	"before" TEXT, 
	"after" TEXT, 
	CONSTRAINT pk_definition_change PRIMARY KEY (id)
);
CREATE INDEX ix_definition_change_partner ON definition_change (partner, id);
CREATE INDEX ix_definition_change_path ON definition_change (path, id);
CREATE TABLE connection_test (
	id VARCHAR(36) NOT NULL, 
	partner VARCHAR(100) NOT NULL, 
	over VARCHAR(100) NOT NULL, 
	user VARCHAR(100) NOT NULL, 
	at BIGINT NOT NULL, 
	echo BOOLEAN NOT NULL, 
	ended_at BIGINT, 
	good BOOLEAN NOT NULL, 
	rungs TEXT NOT NULL, 
	CONSTRAINT pk_connection_test PRIMARY KEY (id)
);
CREATE INDEX ix_connection_test_partner ON connection_test (partner, at);
CREATE TABLE partner_sample (
	id VARCHAR(36) NOT NULL, 
	user VARCHAR(100) NOT NULL, 
	at BIGINT NOT NULL, 
	filename VARCHAR(255) NOT NULL, 
	sha256 VARCHAR(64) NOT NULL, 
	data TEXT NOT NULL, 
	answers TEXT NOT NULL, 
	CONSTRAINT pk_partner_sample PRIMARY KEY (id)
);
CREATE INDEX ix_partner_sample_at ON partner_sample (at);
CREATE TABLE go_live (
	partner VARCHAR(100) NOT NULL, 
	approver VARCHAR(100) NOT NULL, 
	approved_at BIGINT NOT NULL, 
	reason TEXT NOT NULL, 
	switch_at BIGINT NOT NULL, 
	switched_at BIGINT, 
	CONSTRAINT pk_go_live PRIMARY KEY (partner)
);
CREATE INDEX ix_go_live_switch_at ON go_live (switch_at);
CREATE TABLE calendar (
	owner VARCHAR(100) NOT NULL, 
	kind VARCHAR(20) NOT NULL, 
	valid_from VARCHAR(10) NOT NULL, 
	valid_to VARCHAR(10), 
	weekdays VARCHAR(20) NOT NULL, 
	closed TEXT NOT NULL, 
	opened TEXT NOT NULL, 
	cut_off VARCHAR(5), 
	zone VARCHAR(60) NOT NULL, 
	updated_at BIGINT NOT NULL, 
	CONSTRAINT pk_calendar PRIMARY KEY (owner, kind, valid_from)
);
CREATE TABLE customer (
	account VARCHAR(100) NOT NULL, 
	valid_from VARCHAR(10) NOT NULL, 
	valid_to VARCHAR(10), 
	name VARCHAR(200) NOT NULL, 
	number VARCHAR(80), 
	data TEXT NOT NULL, 
	price_list VARCHAR(80), 
	currency VARCHAR(3), 
	minimum_value VARCHAR(40), 
	lead_time_days INTEGER, 
	delivery_days VARCHAR(20) NOT NULL, 
	response_h INTEGER, 
	credit_class VARCHAR(1), 
	credit_limit VARCHAR(40), 
	items VARCHAR(80), 
	auto_value VARCHAR(40), 
	auto_quantity VARCHAR(40), 
	price_tolerance VARCHAR(40), 
	quantity_tolerance VARCHAR(40), 
	substitutes BOOLEAN, 
	partial BOOLEAN, 
	payment_days INTEGER, 
	updated_at BIGINT NOT NULL, 
	CONSTRAINT pk_customer PRIMARY KEY (account, valid_from)
);
CREATE TABLE plan_changed (
	location VARCHAR(20) NOT NULL, 
	gtin VARCHAR(14) NOT NULL, 
	since BIGINT NOT NULL, message VARCHAR(36) DEFAULT '' NOT NULL, 
	CONSTRAINT pk_plan_changed PRIMARY KEY (location, gtin)
);
CREATE INDEX ix_plan_changed_since ON plan_changed (since);
CREATE TABLE plan_line (
	location VARCHAR(20) NOT NULL, 
	gtin VARCHAR(14) NOT NULL, 
	partner VARCHAR(100) NOT NULL, 
	agreement VARCHAR(80) NOT NULL, 
	method VARCHAR(20) NOT NULL, 
	status VARCHAR(20) NOT NULL, 
	quantity BIGINT NOT NULL, 
	proposal VARCHAR(80), 
	exceptions TEXT NOT NULL, 
	stockout_on VARCHAR(10), 
	why TEXT NOT NULL, 
	message VARCHAR(36) NOT NULL, 
	planned_at BIGINT NOT NULL, 
	CONSTRAINT pk_plan_line PRIMARY KEY (location, gtin)
);
CREATE INDEX ix_plan_line_partner ON plan_line (partner);
CREATE INDEX ix_plan_line_status ON plan_line (status, partner);
CREATE TABLE plan_order_line (
	partner VARCHAR(100) NOT NULL, 
	order_number VARCHAR(200) NOT NULL, 
	line VARCHAR(40) NOT NULL, 
	location VARCHAR(20) NOT NULL, 
	gtin VARCHAR(14) NOT NULL, 
	quantity BIGINT NOT NULL, 
	system_quantity BIGINT NOT NULL, 
	why TEXT NOT NULL, 
	approved_by VARCHAR(100) NOT NULL, 
	message VARCHAR(36) NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_plan_order_line PRIMARY KEY (partner, order_number, line)
);
CREATE INDEX ix_plan_order_line_place ON plan_order_line (location, gtin, at);
CREATE TABLE plan_override (
	id VARCHAR(80) NOT NULL, 
	location VARCHAR(20) NOT NULL, 
	gtin VARCHAR(14) NOT NULL, 
	kind VARCHAR(20) NOT NULL, 
	quantity BIGINT NOT NULL, 
	first_day VARCHAR(10) NOT NULL, 
	last_day VARCHAR(10) NOT NULL, 
	reason TEXT NOT NULL, 
	author VARCHAR(100) NOT NULL, 
	active BOOLEAN NOT NULL, 
	message VARCHAR(36) NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_plan_override PRIMARY KEY (id)
);
CREATE INDEX ix_plan_override_place ON plan_override (location, gtin);
CREATE TABLE plan_parameter (
	location VARCHAR(20) NOT NULL, 
	gtin VARCHAR(14) NOT NULL, 
	name VARCHAR(40) NOT NULL, 
	value VARCHAR(80) NOT NULL, 
	message VARCHAR(36) NOT NULL, 
	CONSTRAINT pk_plan_parameter PRIMARY KEY (location, gtin, name)
);
CREATE TABLE plan_record (
	kind VARCHAR(20) NOT NULL, 
	id VARCHAR(80) NOT NULL, 
	partner VARCHAR(100), 
	state VARCHAR(20) NOT NULL, 
	data TEXT NOT NULL, 
	message VARCHAR(36) NOT NULL, 
	updated_at BIGINT NOT NULL, 
	CONSTRAINT pk_plan_record PRIMARY KEY (kind, id)
);
CREATE INDEX ix_plan_record_partner ON plan_record (kind, partner);
CREATE TABLE plan_word (
	id VARCHAR(80) NOT NULL, 
	kind VARCHAR(20) NOT NULL, 
	author VARCHAR(100) NOT NULL, 
	reason TEXT NOT NULL, 
	"before" TEXT NOT NULL, 
	count INTEGER NOT NULL, 
	undone_by VARCHAR(80), 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_plan_word PRIMARY KEY (id)
);
CREATE INDEX ix_plan_word_at ON plan_word (at);
CREATE TABLE receipt_fact (
	partner VARCHAR(100) NOT NULL, 
	location VARCHAR(20) NOT NULL, 
	gtin VARCHAR(14) NOT NULL, 
	number VARCHAR(200) NOT NULL, 
	units BIGINT NOT NULL, 
	at VARCHAR(40) NOT NULL, 
	message VARCHAR(36) NOT NULL, 
	CONSTRAINT pk_receipt_fact PRIMARY KEY (partner, location, gtin, number)
);
CREATE INDEX ix_receipt_fact_place ON receipt_fact (location, gtin);
CREATE TABLE sales_day (
	partner VARCHAR(100) NOT NULL, 
	location VARCHAR(20) NOT NULL, 
	day VARCHAR(10) NOT NULL, 
	source INTEGER NOT NULL, 
	report VARCHAR(200) NOT NULL, 
	message VARCHAR(36) NOT NULL, 
	CONSTRAINT pk_sales_day PRIMARY KEY (partner, location, day, source, report)
);
CREATE INDEX ix_sales_day_location ON sales_day (location, day);
CREATE TABLE sales_version (
	partner VARCHAR(100) NOT NULL, 
	location VARCHAR(20) NOT NULL, 
	gtin VARCHAR(14) NOT NULL, 
	day VARCHAR(10) NOT NULL, 
	source INTEGER NOT NULL, 
	report VARCHAR(200) NOT NULL, 
	sold BIGINT NOT NULL, 
	returned BIGINT DEFAULT '0' NOT NULL, 
	lost BIGINT DEFAULT '0' NOT NULL, 
	excluded BIGINT DEFAULT '0' NOT NULL, 
	promo BIGINT DEFAULT '0' NOT NULL, 
	issued_at VARCHAR(40) NOT NULL, 
	message VARCHAR(36) NOT NULL, 
	CONSTRAINT pk_sales_version PRIMARY KEY (partner, location, gtin, day, source, report)
);
CREATE INDEX ix_sales_version_report ON sales_version (partner, report);
CREATE TABLE stock_fact (
	partner VARCHAR(100) NOT NULL, 
	location VARCHAR(20) NOT NULL, 
	gtin VARCHAR(14) NOT NULL, 
	type VARCHAR(20) NOT NULL, 
	at VARCHAR(40) NOT NULL, 
	report VARCHAR(200) NOT NULL, 
	quantity BIGINT NOT NULL, 
	issued_at VARCHAR(40) NOT NULL, 
	message VARCHAR(36) NOT NULL, 
	CONSTRAINT pk_stock_fact PRIMARY KEY (partner, location, gtin, type, at, report)
);
CREATE INDEX ix_stock_fact_place ON stock_fact (location, gtin, at);
CREATE INDEX ix_stock_fact_report ON stock_fact (partner, report);
CREATE INDEX ix_business_order_ship_to ON business_order (ship_to);
CREATE INDEX ix_shipment_despatched ON shipment (side, partner) WHERE status = 'despatched';
CREATE TABLE crm_act (
	id INTEGER NOT NULL, 
	"case" VARCHAR(800) NOT NULL, 
	at BIGINT NOT NULL, 
	kind VARCHAR(20) NOT NULL, 
	actor VARCHAR(100) NOT NULL, 
	data TEXT NOT NULL, 
	CONSTRAINT pk_crm_act PRIMARY KEY (id)
);
CREATE INDEX ix_crm_act_case ON crm_act ("case", id);
CREATE TABLE crm_case (
	id VARCHAR(800) NOT NULL, 
	problem VARCHAR(500) NOT NULL, 
	rule VARCHAR(100) NOT NULL, 
	version INTEGER NOT NULL, 
	account VARCHAR(100) NOT NULL, 
	direction VARCHAR(10) NOT NULL, 
	subject VARCHAR(300) NOT NULL, 
	type VARCHAR(30) NOT NULL, 
	urgency VARCHAR(10) NOT NULL, 
	owner VARCHAR(30) NOT NULL, 
	times INTEGER NOT NULL, 
	opened_at BIGINT NOT NULL, 
	last_at BIGINT NOT NULL, 
	closed_at BIGINT, 
	opened_by VARCHAR(400) NOT NULL, 
	closed_by VARCHAR(400), 
	message VARCHAR(36), 
	CONSTRAINT pk_crm_case PRIMARY KEY (id)
);
CREATE INDEX ix_crm_case_account ON crm_case (account, opened_at);
CREATE INDEX ix_crm_case_open ON crm_case (opened_at) WHERE closed_at IS NULL;
CREATE TABLE crm_case_event (
	"case" VARCHAR(800) NOT NULL, 
	event VARCHAR(400) NOT NULL, 
	what VARCHAR(10) NOT NULL, 
	CONSTRAINT pk_crm_case_event PRIMARY KEY ("case", event, what)
);
CREATE TABLE crm_day (
	account VARCHAR(100) NOT NULL, 
	day VARCHAR(10) NOT NULL, 
	name VARCHAR(40) NOT NULL, 
	value BIGINT NOT NULL, 
	CONSTRAINT pk_crm_day PRIMARY KEY (account, day, name)
);
CREATE TABLE crm_due (
	id INTEGER NOT NULL, 
	message VARCHAR(36) NOT NULL, 
	CONSTRAINT pk_crm_due PRIMARY KEY (id)
);
CREATE TABLE crm_event (
	id VARCHAR(400) NOT NULL, 
	account VARCHAR(100) NOT NULL, 
	at BIGINT NOT NULL, 
	kind VARCHAR(100) NOT NULL, 
	direction VARCHAR(10) NOT NULL, 
	subject VARCHAR(300) NOT NULL, 
	facts TEXT NOT NULL, 
	message VARCHAR(36), 
	place VARCHAR(200), origin VARCHAR(100), 
	CONSTRAINT pk_crm_event PRIMARY KEY (id)
);
CREATE INDEX ix_crm_event_account ON crm_event (account, at, id);
CREATE INDEX ix_crm_event_kind ON crm_event (kind, at);
CREATE TABLE crm_metric (
	account VARCHAR(100) NOT NULL, 
	name VARCHAR(40) NOT NULL, 
	value VARCHAR(60), 
	rows INTEGER NOT NULL, 
	since VARCHAR(10), 
	until VARCHAR(10) NOT NULL, 
	parts TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_crm_metric PRIMARY KEY (account, name)
);
CREATE INDEX ix_crm_metric_name ON crm_metric (name, account);
CREATE TABLE crm_rule (
	id VARCHAR(100) NOT NULL, 
	version INTEGER NOT NULL, 
	active BOOLEAN NOT NULL, 
	rule TEXT NOT NULL, 
	actor VARCHAR(100) NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_crm_rule PRIMARY KEY (id, version)
);
CREATE INDEX ix_message_unfinished ON message (received_at, id) WHERE state IN ('received', 'parsed', 'applied', 'retry');
CREATE INDEX ix_message_type ON message (type, received_at, id);
CREATE INDEX ix_message_document_type ON message (document_type, received_at, id);
CREATE INDEX ix_parcel_unfinished ON parcel (created_at, id) WHERE state IN ('queued', 'waiting', 'wrapped', 'sending', 'sent', 'retry');
CREATE INDEX ix_parcel_document_type ON parcel (document_type, created_at, id);
CREATE INDEX ix_order_line_gtin ON order_line (gtin, order_number);
CREATE TABLE saved_view (
	id VARCHAR(36) NOT NULL, 
	owner VARCHAR(100) NOT NULL, 
	name VARCHAR(60) NOT NULL, 
	"query" VARCHAR(300) NOT NULL, 
	shared BOOLEAN NOT NULL, 
	created_at BIGINT NOT NULL, 
	CONSTRAINT pk_saved_view PRIMARY KEY (id), 
	CONSTRAINT uq_saved_view_owner_name UNIQUE (owner, name)
);
CREATE INDEX ix_saved_view_shared ON saved_view (shared);
CREATE INDEX ix_arrival_alone ON arrival (received_at, id) WHERE alone;
CREATE INDEX ix_message_partner ON message (partner, received_at, id);
CREATE INDEX ix_parcel_partner ON parcel (partner, created_at, id);
CREATE INDEX ix_search_key_value ON search_key (value, at, subject, "of");
CREATE TABLE crm_entry (
	register VARCHAR(20) NOT NULL, 
	id VARCHAR(80) NOT NULL, 
	account VARCHAR(100), 
	state VARCHAR(20) NOT NULL, 
	state_at BIGINT NOT NULL, 
	data TEXT NOT NULL, 
	origin VARCHAR(20) NOT NULL, 
	version INTEGER NOT NULL, 
	actor VARCHAR(100) NOT NULL, 
	created_at BIGINT NOT NULL, 
	updated_at BIGINT NOT NULL, 
	CONSTRAINT pk_crm_entry PRIMARY KEY (register, id)
);
CREATE INDEX ix_crm_entry_account ON crm_entry (account, register);
CREATE INDEX ix_crm_entry_register ON crm_entry (register, updated_at);
CREATE TABLE crm_invitation (
	id VARCHAR(64) NOT NULL, 
	survey VARCHAR(80) NOT NULL, 
	account VARCHAR(100) NOT NULL, 
	person VARCHAR(200) DEFAULT '' NOT NULL, 
	"case" VARCHAR(800), 
	asked_at BIGINT NOT NULL, 
	until BIGINT NOT NULL, 
	answered_at BIGINT, 
	CONSTRAINT pk_crm_invitation PRIMARY KEY (id)
);
CREATE INDEX ix_crm_invitation_account ON crm_invitation (account, asked_at);
CREATE INDEX ix_crm_invitation_survey ON crm_invitation (survey, asked_at);
CREATE TABLE crm_answer (
	id INTEGER NOT NULL, 
	survey VARCHAR(80) NOT NULL, 
	form VARCHAR(10) NOT NULL, 
	account VARCHAR(100) NOT NULL, 
	direction VARCHAR(10) NOT NULL, 
	question VARCHAR(120) NOT NULL, 
	score INTEGER, 
	text TEXT DEFAULT '' NOT NULL, 
	at BIGINT NOT NULL, 
	"by" VARCHAR(100) NOT NULL, 
	invitation VARCHAR(64), 
	CONSTRAINT pk_crm_answer PRIMARY KEY (id)
);
CREATE INDEX ix_crm_answer_account ON crm_answer (account, at);
CREATE INDEX ix_crm_answer_survey ON crm_answer (survey, at);
CREATE TABLE crm_outbox (
	id INTEGER NOT NULL, 
	connector VARCHAR(80) NOT NULL, 
	object VARCHAR(20) NOT NULL, 
	"key" VARCHAR(200) NOT NULL, 
	event VARCHAR(36) NOT NULL, 
	change VARCHAR(10) NOT NULL, 
	payload TEXT NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	state VARCHAR(10) NOT NULL, 
	attempts INTEGER NOT NULL, 
	next_at BIGINT NOT NULL, 
	result TEXT DEFAULT '' NOT NULL, 
	created_at BIGINT NOT NULL, 
	settled_at BIGINT, 
	CONSTRAINT pk_crm_outbox PRIMARY KEY (id), 
	CONSTRAINT uq_crm_outbox_event UNIQUE (event)
);
CREATE INDEX ix_crm_outbox_key ON crm_outbox (connector, object, "key", id);
CREATE INDEX ix_crm_outbox_open ON crm_outbox (connector, state, next_at);
CREATE TABLE crm_told (
	connector VARCHAR(80) NOT NULL, 
	object VARCHAR(20) NOT NULL, 
	"key" VARCHAR(200) NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	payload TEXT NOT NULL, 
	external VARCHAR(200), 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_crm_told PRIMARY KEY (connector, object, "key")
);
CREATE TABLE crm_contact (
	id VARCHAR(40) NOT NULL, 
	account VARCHAR(100) NOT NULL, 
	origin VARCHAR(10) NOT NULL, 
	party VARCHAR(40), 
	name VARCHAR(200) NOT NULL, 
	phone VARCHAR(60), 
	mail VARCHAR(254), 
	data TEXT NOT NULL, 
	first_at BIGINT NOT NULL, 
	last_at BIGINT NOT NULL, 
	message VARCHAR(36), 
	actor VARCHAR(100) NOT NULL, 
	CONSTRAINT pk_crm_contact PRIMARY KEY (id)
);
CREATE INDEX ix_crm_contact_account ON crm_contact (account, name);
CREATE INDEX ix_crm_contact_name ON crm_contact (name);
CREATE TABLE crm_decision (
	id INTEGER NOT NULL, 
	kind VARCHAR(10) NOT NULL, 
	party VARCHAR(40), 
	account VARCHAR(100), 
	gone VARCHAR(100), 
	keys TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	actor VARCHAR(100) NOT NULL, 
	at BIGINT NOT NULL, 
	undone_at BIGINT, 
	undone_by VARCHAR(100), 
	CONSTRAINT pk_crm_decision PRIMARY KEY (id)
);
CREATE INDEX ix_crm_decision_account ON crm_decision (account);
CREATE TABLE crm_erasure (
	id VARCHAR(36) NOT NULL, 
	contact VARCHAR(40) NOT NULL, 
	account VARCHAR(100) NOT NULL, 
	reason TEXT NOT NULL, 
	payloads INTEGER NOT NULL, 
	rows INTEGER NOT NULL, 
	held INTEGER NOT NULL, 
	actor VARCHAR(100) NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_crm_erasure PRIMARY KEY (id)
);
CREATE TABLE crm_interaction (
	id VARCHAR(36) NOT NULL, 
	account VARCHAR(100) NOT NULL, 
	contact VARCHAR(40), 
	at BIGINT NOT NULL, 
	kind VARCHAR(40) NOT NULL, 
	topic VARCHAR(40), 
	direction VARCHAR(3) NOT NULL, 
	subject VARCHAR(300) NOT NULL, 
	text TEXT NOT NULL, 
	fields TEXT NOT NULL, 
	message VARCHAR(36), 
	"case" VARCHAR(40), 
	actor VARCHAR(100) NOT NULL, 
	CONSTRAINT pk_crm_interaction PRIMARY KEY (id)
);
CREATE INDEX ix_crm_interaction_account ON crm_interaction (account, at);
CREATE TABLE crm_party (
	id VARCHAR(40) NOT NULL, 
	teller VARCHAR(100) NOT NULL, 
	"key" VARCHAR(300) NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	gln VARCHAR(20), 
	parent VARCHAR(80), 
	roles TEXT NOT NULL, 
	registered BOOLEAN NOT NULL, 
	data TEXT NOT NULL, 
	account VARCHAR(100), 
	state VARCHAR(12) NOT NULL, 
	first_at BIGINT NOT NULL, 
	last_at BIGINT NOT NULL, 
	first_message VARCHAR(36) NOT NULL, 
	last_message VARCHAR(36) NOT NULL, 
	place VARCHAR(200) NOT NULL, 
	CONSTRAINT pk_crm_party PRIMARY KEY (id)
);
CREATE INDEX ix_crm_party_account ON crm_party (account, name);
CREATE INDEX ix_crm_party_open ON crm_party (last_at, id) WHERE state = 'open';
CREATE TABLE crm_party_key (
	"key" VARCHAR(200) NOT NULL, 
	party VARCHAR(40) NOT NULL, 
	CONSTRAINT pk_crm_party_key PRIMARY KEY ("key", party)
);
CREATE INDEX ix_crm_party_key_party ON crm_party_key (party);
CREATE TABLE crm_person_term (
	type VARCHAR(60) NOT NULL, 
	months INTEGER NOT NULL, 
	actor VARCHAR(100) NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_crm_person_term PRIMARY KEY (type)
);
CREATE TABLE crm_processor (
	id VARCHAR(100) NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	purpose TEXT NOT NULL, 
	fields TEXT NOT NULL, 
	country VARCHAR(2), 
	agreement VARCHAR(200) NOT NULL, 
	signed_on VARCHAR(10), 
	ends_on VARCHAR(10), 
	actor VARCHAR(100) NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_crm_processor PRIMARY KEY (id)
);
CREATE TABLE crm_profile (
	account VARCHAR(100) NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	kind VARCHAR(10) NOT NULL, 
	data TEXT NOT NULL, 
	owner VARCHAR(100), 
	status VARCHAR(40), 
	updated_at BIGINT NOT NULL, 
	actor VARCHAR(100) NOT NULL, 
	CONSTRAINT pk_crm_profile PRIMARY KEY (account)
);
CREATE INDEX ix_crm_profile_owner ON crm_profile (owner);
CREATE TABLE crm_request (
	id VARCHAR(36) NOT NULL, 
	account VARCHAR(100) NOT NULL, 
	direction VARCHAR(10) NOT NULL, 
	type VARCHAR(30) NOT NULL, 
	subject VARCHAR(300) NOT NULL, 
	text TEXT NOT NULL, 
	message VARCHAR(36), 
	place VARCHAR(200), 
	contact VARCHAR(40), 
	actor VARCHAR(100) NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_crm_request PRIMARY KEY (id)
);
CREATE INDEX ix_crm_request_account ON crm_request (account);
CREATE TABLE crm_task (
	id VARCHAR(36) NOT NULL, 
	account VARCHAR(100), 
	contact VARCHAR(40), 
	"case" VARCHAR(40), 
	kind VARCHAR(40) NOT NULL, 
	title VARCHAR(300) NOT NULL, 
	text TEXT NOT NULL, 
	owner VARCHAR(100) NOT NULL, 
	due_at BIGINT NOT NULL, 
	remind_at BIGINT, 
	done_at BIGINT, 
	result TEXT, 
	actor VARCHAR(100) NOT NULL, 
	created_at BIGINT NOT NULL, 
	CONSTRAINT pk_crm_task PRIMARY KEY (id)
);
CREATE INDEX ix_crm_task_account ON crm_task (account, due_at);
CREATE INDEX ix_crm_task_owner ON crm_task (owner, due_at) WHERE done_at IS NULL;
CREATE TABLE crm_word (
	list VARCHAR(20) NOT NULL, 
	code VARCHAR(40) NOT NULL, 
	en VARCHAR(100) NOT NULL, 
	zh VARCHAR(100) NOT NULL, 
	type VARCHAR(10) NOT NULL, 
	active BOOLEAN NOT NULL, 
	actor VARCHAR(100) NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_crm_word PRIMARY KEY (list, code)
);
CREATE TABLE redaction (
	id INTEGER NOT NULL, 
	sha256 VARCHAR(64) NOT NULL, 
	redacted_sha256 VARCHAR(64) NOT NULL, 
	erasure VARCHAR(36) NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_redaction PRIMARY KEY (id), 
	CONSTRAINT uq_redaction_sha256_erasure UNIQUE (sha256, erasure)
);
CREATE TABLE mapping_version (
	id INTEGER NOT NULL, 
	partner VARCHAR(100) NOT NULL, 
	mapping VARCHAR(200) NOT NULL, 
	number INTEGER NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	definitions VARCHAR(64) NOT NULL, 
	at BIGINT NOT NULL, 
	user VARCHAR(100) NOT NULL, 
	action VARCHAR(80) NOT NULL, 
	reason TEXT NOT NULL, 
	CONSTRAINT pk_mapping_version PRIMARY KEY (id), 
	CONSTRAINT uq_mapping_version_partner_mapping_number UNIQUE (partner, mapping, number)
);
CREATE TABLE mapping_draft (
	user VARCHAR(100) NOT NULL, 
	partner VARCHAR(100) NOT NULL, 
	mapping VARCHAR(200) NOT NULL, 
	text TEXT NOT NULL, 
	base VARCHAR(64) NOT NULL, 
	sample VARCHAR(36) NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_mapping_draft PRIMARY KEY (user, partner, mapping)
);
CREATE TABLE mapping_plan (
	id VARCHAR(36) NOT NULL, 
	partner VARCHAR(100) NOT NULL, 
	mapping VARCHAR(200) NOT NULL, 
	text TEXT NOT NULL, 
	base VARCHAR(64) NOT NULL, 
	user VARCHAR(100) NOT NULL, 
	reason TEXT NOT NULL, 
	made_at BIGINT NOT NULL, 
	due_at BIGINT NOT NULL, 
	state VARCHAR(20) NOT NULL, 
	fault VARCHAR(80), 
	CONSTRAINT pk_mapping_plan PRIMARY KEY (id)
);
CREATE INDEX ix_mapping_plan_due ON mapping_plan (state, due_at);
CREATE INDEX ix_mapping_plan_of ON mapping_plan (partner, mapping, made_at);
CREATE TABLE back_test (
	id VARCHAR(36) NOT NULL, 
	partner VARCHAR(100) NOT NULL, 
	mapping VARCHAR(200) NOT NULL, 
	user VARCHAR(100) NOT NULL, 
	text_sha256 VARCHAR(64) NOT NULL, 
	state VARCHAR(20) NOT NULL, 
	done INTEGER NOT NULL, 
	total INTEGER NOT NULL, 
	report TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	updated_at BIGINT NOT NULL, 
	CONSTRAINT pk_back_test PRIMARY KEY (id)
);
CREATE INDEX ix_back_test_of ON back_test (partner, mapping, at);
CREATE TABLE reread_with (
	message VARCHAR(36) NOT NULL, 
	partner VARCHAR(100) NOT NULL, 
	mapping VARCHAR(200) NOT NULL, 
	number INTEGER NOT NULL, 
	layers TEXT NOT NULL, 
	user VARCHAR(100) NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_reread_with PRIMARY KEY (message)
);
CREATE INDEX ix_message_attention ON message (received_at, id, state, partner, channel) WHERE state IN ('parked', 'quarantined', 'held');
CREATE INDEX ix_message_fault ON message (received_at, id, fault_code, state, partner) WHERE fault_code IS NOT NULL;
CREATE INDEX ix_message_test ON message (received_at, id) WHERE test;
CREATE INDEX ix_parcel_failed ON parcel (created_at, id, state, partner) WHERE state IN ('refused', 'parked', 'expired');
CREATE INDEX ix_parcel_fault ON parcel (created_at, id, fault_code, state, partner) WHERE fault_code IS NOT NULL;
CREATE INDEX ix_parcel_test ON parcel (created_at, id) WHERE test;
CREATE INDEX ix_business_order_updated ON business_order (updated_at, number);
CREATE INDEX ix_import_run_at ON import_run (at, id);
CREATE INDEX ix_expectation_open ON expectation (due, partner, document_type, subject, state) WHERE state IN ('waiting', 'overdue');
CREATE TABLE staged_list (
	id VARCHAR(32) NOT NULL, 
	kind VARCHAR(20) NOT NULL, 
	file VARCHAR(255) NOT NULL, 
	header TEXT NOT NULL, 
	user VARCHAR(100) NOT NULL, 
	at BIGINT NOT NULL, 
	size_bytes INTEGER NOT NULL, 
	data BLOB NOT NULL, partner VARCHAR(64) DEFAULT '' NOT NULL, 
	CONSTRAINT pk_staged_list PRIMARY KEY (id)
);
CREATE INDEX ix_staged_list_at ON staged_list (at);
CREATE INDEX ix_staged_list_partner ON staged_list (partner, at, id);
CREATE TABLE plan_shard (
	agreement VARCHAR(80) NOT NULL, 
	bucket INTEGER NOT NULL, 
	schema INTEGER NOT NULL, 
	data BLOB NOT NULL, 
	looked_at BIGINT NOT NULL, 
	CONSTRAINT pk_plan_shard PRIMARY KEY (agreement, bucket)
);
CREATE TABLE fact_changed (
	location VARCHAR(20) NOT NULL, 
	day VARCHAR(10) NOT NULL, 
	gtin VARCHAR(14) NOT NULL, 
	message VARCHAR(36) NOT NULL, 
	CONSTRAINT pk_fact_changed PRIMARY KEY (location, day, gtin, message)
);
CREATE TABLE plan_due (
	run VARCHAR(80) NOT NULL, 
	location VARCHAR(20) NOT NULL, 
	gtin VARCHAR(14) NOT NULL, 
	CONSTRAINT pk_plan_due PRIMARY KEY (run, location, gtin)
);
CREATE INDEX ix_sales_place_day ON sales (location, day);
CREATE INDEX ix_reported_stock_place ON reported_stock (location, gtin);
CREATE INDEX ix_stock_fact_at ON stock_fact (location, at);
CREATE INDEX ix_receipt_fact_at ON receipt_fact (location, at);
CREATE INDEX ix_stock_fact_empty ON stock_fact (location, gtin, at) WHERE quantity <= 0;
CREATE INDEX ix_plan_line_quiet ON plan_line (location, gtin) WHERE status = 'nothing' AND exceptions = '[]' AND stockout_on IS NULL;
INSERT INTO alembic_version (version_num) VALUES ('0024');
