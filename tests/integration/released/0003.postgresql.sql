--
-- PostgreSQL database dump
--


-- Dumped from database version 15.18 (Debian 15.18-0+deb12u1)
-- Dumped by pg_dump version 15.18 (Debian 15.18-0+deb12u1)

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: refuse(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.refuse() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION '% of % is refused: the ledger keeps its history', TG_OP, TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; END $$;


SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: accounts; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.accounts (
    scope text NOT NULL COLLATE pg_catalog."C",
    flow text NOT NULL COLLATE pg_catalog."C",
    segment text NOT NULL COLLATE pg_catalog."C",
    process text NOT NULL COLLATE pg_catalog."C",
    sign bigint NOT NULL,
    object text NOT NULL COLLATE pg_catalog."C",
    place text NOT NULL COLLATE pg_catalog."C",
    posted bigint NOT NULL,
    remainder text NOT NULL COLLATE pg_catalog."C",
    fraction text NOT NULL COLLATE pg_catalog."C",
    document bigint NOT NULL
)
WITH (fillfactor='50');


--
-- Name: activity_items; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.activity_items (
    document bigint NOT NULL,
    item bigint NOT NULL,
    origin text NOT NULL COLLATE pg_catalog."C",
    work_center text NOT NULL COLLATE pg_catalog."C",
    cost_center text NOT NULL COLLATE pg_catalog."C",
    activity text NOT NULL COLLATE pg_catalog."C",
    hours bigint NOT NULL,
    amount bigint NOT NULL,
    cost_object text NOT NULL COLLATE pg_catalog."C"
);


--
-- Name: alembic_version; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);


--
-- Name: backlog; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.backlog (
    document bigint NOT NULL,
    item bigint NOT NULL,
    plant text NOT NULL COLLATE pg_catalog."C",
    line text NOT NULL COLLATE pg_catalog."C",
    movement text NOT NULL COLLATE pg_catalog."C",
    material text NOT NULL COLLATE pg_catalog."C",
    location text NOT NULL COLLATE pg_catalog."C",
    batch text NOT NULL COLLATE pg_catalog."C",
    stock_type text NOT NULL COLLATE pg_catalog."C",
    unit text NOT NULL COLLATE pg_catalog."C",
    required bigint NOT NULL,
    cause text NOT NULL COLLATE pg_catalog."C",
    cost_object text NOT NULL COLLATE pg_catalog."C",
    posting_date text NOT NULL COLLATE pg_catalog."C",
    production_date text NOT NULL COLLATE pg_catalog."C",
    created_at bigint NOT NULL,
    origin text NOT NULL COLLATE pg_catalog."C",
    determination bigint NOT NULL,
    issued bigint NOT NULL,
    issued_amount bigint NOT NULL,
    closed bigint NOT NULL,
    reversed bigint NOT NULL,
    reason text NOT NULL COLLATE pg_catalog."C",
    issued_location text NOT NULL COLLATE pg_catalog."C",
    lots text NOT NULL COLLATE pg_catalog."C"
);


--
-- Name: batches; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.batches (
    head bigint NOT NULL,
    sequence bigint NOT NULL,
    journal_offset bigint NOT NULL,
    at bigint NOT NULL,
    first_document bigint NOT NULL,
    last_document bigint NOT NULL,
    master text NOT NULL COLLATE pg_catalog."C",
    content text NOT NULL COLLATE pg_catalog."C",
    chain text NOT NULL COLLATE pg_catalog."C"
);


--
-- Name: collectors; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.collectors (
    plant text NOT NULL COLLATE pg_catalog."C",
    cost_object text NOT NULL COLLATE pg_catalog."C",
    period text NOT NULL COLLATE pg_catalog."C",
    element text NOT NULL COLLATE pg_catalog."C",
    detail text NOT NULL COLLATE pg_catalog."C",
    amount bigint NOT NULL
)
WITH (fillfactor='50');


--
-- Name: commands; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.commands (
    command text NOT NULL COLLATE pg_catalog."C",
    content text NOT NULL COLLATE pg_catalog."C",
    response text NOT NULL COLLATE pg_catalog."C"
);


--
-- Name: confirmations; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.confirmations (
    document bigint NOT NULL,
    "position" bigint NOT NULL,
    point text NOT NULL COLLATE pg_catalog."C",
    reason text NOT NULL COLLATE pg_catalog."C",
    yield bigint NOT NULL,
    scrap bigint NOT NULL,
    automatic bigint NOT NULL,
    lost bigint NOT NULL,
    rework bigint NOT NULL,
    said_yield bigint NOT NULL,
    said_scrap bigint NOT NULL
);


--
-- Name: contexts; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.contexts (
    device text NOT NULL COLLATE pg_catalog."C",
    plant text NOT NULL COLLATE pg_catalog."C",
    line text NOT NULL COLLATE pg_catalog."C",
    point text NOT NULL COLLATE pg_catalog."C",
    operator text NOT NULL COLLATE pg_catalog."C",
    quantity bigint NOT NULL,
    mode text NOT NULL COLLATE pg_catalog."C",
    reason text NOT NULL COLLATE pg_catalog."C",
    undo bigint NOT NULL,
    undo_to bigint NOT NULL,
    chosen bigint DEFAULT '0'::bigint NOT NULL,
    earlier text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C"
)
WITH (fillfactor='50');


--
-- Name: cursors; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.cursors (
    head bigint NOT NULL,
    target text NOT NULL COLLATE pg_catalog."C",
    document bigint NOT NULL
);


--
-- Name: device_marks; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.device_marks (
    device text NOT NULL COLLATE pg_catalog."C",
    boot text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    total bigint NOT NULL,
    seq bigint,
    ts bigint,
    at bigint NOT NULL,
    units bigint NOT NULL,
    anew bigint NOT NULL,
    unhealed bigint NOT NULL,
    strays text NOT NULL COLLATE pg_catalog."C"
)
WITH (fillfactor='50');


--
-- Name: device_states; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.device_states (
    device text NOT NULL COLLATE pg_catalog."C",
    online bigint NOT NULL
);


--
-- Name: documents; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.documents (
    number bigint NOT NULL,
    type text NOT NULL COLLATE pg_catalog."C",
    plant text NOT NULL COLLATE pg_catalog."C",
    line text NOT NULL COLLATE pg_catalog."C",
    material text NOT NULL COLLATE pg_catalog."C",
    version text NOT NULL COLLATE pg_catalog."C",
    cost_object text NOT NULL COLLATE pg_catalog."C",
    flow text NOT NULL COLLATE pg_catalog."C",
    batch text NOT NULL COLLATE pg_catalog."C",
    posting_date text NOT NULL COLLATE pg_catalog."C",
    production_date text NOT NULL COLLATE pg_catalog."C",
    shift text NOT NULL COLLATE pg_catalog."C",
    entered_at bigint NOT NULL,
    cause bigint NOT NULL,
    actor text NOT NULL COLLATE pg_catalog."C",
    reason text NOT NULL COLLATE pg_catalog."C",
    reference text NOT NULL COLLATE pg_catalog."C",
    reverses bigint NOT NULL,
    caused_by bigint NOT NULL
);


--
-- Name: edge_nodes; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.edge_nodes (
    head bigint NOT NULL,
    node text NOT NULL COLLATE pg_catalog."C",
    seq bigint,
    bdseq bigint,
    devices text NOT NULL COLLATE pg_catalog."C",
    asked_at bigint
);


--
-- Name: explosions; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.explosions (
    id text NOT NULL COLLATE pg_catalog."C",
    content text NOT NULL COLLATE pg_catalog."C"
);


--
-- Name: flow_segments; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.flow_segments (
    flow text NOT NULL COLLATE pg_catalog."C",
    "position" bigint NOT NULL,
    point text NOT NULL COLLATE pg_catalog."C",
    reported_yield bigint NOT NULL,
    reported_scrap bigint NOT NULL,
    documented_yield bigint NOT NULL,
    documented_scrap bigint NOT NULL,
    lost bigint NOT NULL,
    held bigint NOT NULL,
    automatic bigint NOT NULL
)
WITH (fillfactor='50');


--
-- Name: flows; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.flows (
    id text NOT NULL COLLATE pg_catalog."C",
    plant text NOT NULL COLLATE pg_catalog."C",
    material text NOT NULL COLLATE pg_catalog."C",
    version text NOT NULL COLLATE pg_catalog."C",
    cost_object text NOT NULL COLLATE pg_catalog."C",
    explosion text NOT NULL COLLATE pg_catalog."C",
    revision bigint NOT NULL
)
WITH (fillfactor='50');


--
-- Name: heads; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.heads (
    ordinal bigint NOT NULL,
    gateway text NOT NULL COLLATE pg_catalog."C",
    journal text NOT NULL COLLATE pg_catalog."C",
    journal_offset bigint NOT NULL,
    sequence bigint NOT NULL,
    documents bigint NOT NULL,
    quarantines bigint NOT NULL,
    chain text NOT NULL COLLATE pg_catalog."C",
    master text NOT NULL COLLATE pg_catalog."C",
    at bigint NOT NULL,
    behind bigint NOT NULL,
    read_at bigint NOT NULL
);


--
-- Name: holds; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.holds (
    plant text NOT NULL COLLATE pg_catalog."C",
    line text NOT NULL COLLATE pg_catalog."C",
    process text NOT NULL COLLATE pg_catalog."C",
    held bigint NOT NULL,
    actor text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    reason text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    at bigint DEFAULT '0'::bigint NOT NULL
);


--
-- Name: last_scans; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.last_scans (
    device text NOT NULL COLLATE pg_catalog."C",
    content text NOT NULL COLLATE pg_catalog."C",
    at bigint NOT NULL,
    answer text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C"
);


--
-- Name: leases; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.leases (
    head bigint NOT NULL,
    pattern text NOT NULL COLLATE pg_catalog."C",
    until bigint NOT NULL,
    lasts bigint NOT NULL,
    began bigint NOT NULL
);


--
-- Name: lines; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.lines (
    plant text NOT NULL COLLATE pg_catalog."C",
    line text NOT NULL COLLATE pg_catalog."C",
    read bigint NOT NULL,
    counted bigint NOT NULL,
    quarantined bigint NOT NULL,
    posted bigint NOT NULL,
    scrap bigint NOT NULL,
    rework bigint NOT NULL,
    reversed bigint NOT NULL,
    documents bigint NOT NULL,
    last_document bigint NOT NULL,
    last_at bigint NOT NULL,
    open_issues bigint NOT NULL,
    open_activities bigint NOT NULL,
    backlog bigint NOT NULL
)
WITH (fillfactor='50');


--
-- Name: marks; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.marks (
    scope text NOT NULL COLLATE pg_catalog."C",
    flow text NOT NULL COLLATE pg_catalog."C",
    explosion text NOT NULL COLLATE pg_catalog."C",
    segment text NOT NULL COLLATE pg_catalog."C",
    process text NOT NULL COLLATE pg_catalog."C",
    due bigint NOT NULL,
    posted bigint NOT NULL
)
WITH (fillfactor='50');


--
-- Name: master_tables; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.master_tables (
    head bigint NOT NULL,
    sequence bigint NOT NULL,
    at bigint NOT NULL,
    digest text NOT NULL COLLATE pg_catalog."C",
    content bytea NOT NULL,
    actor text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    reason text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C"
);


--
-- Name: material_items; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.material_items (
    document bigint NOT NULL,
    item bigint NOT NULL,
    origin text NOT NULL COLLATE pg_catalog."C",
    process text NOT NULL COLLATE pg_catalog."C",
    movement text NOT NULL COLLATE pg_catalog."C",
    material text NOT NULL COLLATE pg_catalog."C",
    location text NOT NULL COLLATE pg_catalog."C",
    batch text NOT NULL COLLATE pg_catalog."C",
    stock_type text NOT NULL COLLATE pg_catalog."C",
    quantity bigint NOT NULL,
    unit text NOT NULL COLLATE pg_catalog."C",
    amount bigint NOT NULL,
    cost_object text NOT NULL COLLATE pg_catalog."C",
    mirrors bigint NOT NULL
);


--
-- Name: opening_stock; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.opening_stock (
    plant text NOT NULL COLLATE pg_catalog."C",
    material text NOT NULL COLLATE pg_catalog."C",
    location text NOT NULL COLLATE pg_catalog."C",
    batch text NOT NULL COLLATE pg_catalog."C",
    stock_type text NOT NULL COLLATE pg_catalog."C",
    quantity bigint NOT NULL
);


--
-- Name: order_segments; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.order_segments (
    planned_order text NOT NULL COLLATE pg_catalog."C",
    segment text NOT NULL COLLATE pg_catalog."C",
    reduced bigint NOT NULL
);


--
-- Name: orders; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.orders (
    planned_order text NOT NULL COLLATE pg_catalog."C",
    plant text NOT NULL COLLATE pg_catalog."C",
    material text NOT NULL COLLATE pg_catalog."C",
    version text NOT NULL COLLATE pg_catalog."C",
    line text NOT NULL COLLATE pg_catalog."C",
    start_date text NOT NULL COLLATE pg_catalog."C",
    finish_date text NOT NULL COLLATE pg_catalog."C",
    quantity bigint NOT NULL,
    components text NOT NULL COLLATE pg_catalog."C"
);


--
-- Name: outcomes; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.outcomes (
    head bigint NOT NULL,
    outcome text NOT NULL COLLATE pg_catalog."C",
    messages bigint NOT NULL
);


--
-- Name: periods; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.periods (
    plant text NOT NULL COLLATE pg_catalog."C",
    period text NOT NULL COLLATE pg_catalog."C",
    closed bigint NOT NULL
);


--
-- Name: quarantine; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.quarantine (
    number bigint NOT NULL,
    entry bigint NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C",
    code text NOT NULL COLLATE pg_catalog."C",
    text text NOT NULL COLLATE pg_catalog."C",
    plant text NOT NULL COLLATE pg_catalog."C",
    line text NOT NULL COLLATE pg_catalog."C",
    device text NOT NULL COLLATE pg_catalog."C",
    at bigint NOT NULL,
    yield bigint NOT NULL,
    scrap bigint NOT NULL,
    topic text NOT NULL COLLATE pg_catalog."C",
    payload bytea NOT NULL,
    content text NOT NULL COLLATE pg_catalog."C",
    state text NOT NULL COLLATE pg_catalog."C",
    reason text NOT NULL COLLATE pg_catalog."C"
);


--
-- Name: quarantine_folds; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.quarantine_folds (
    number bigint NOT NULL,
    messages bigint NOT NULL,
    last_entry bigint NOT NULL,
    last_at bigint NOT NULL,
    text text NOT NULL COLLATE pg_catalog."C",
    topic text NOT NULL COLLATE pg_catalog."C",
    payload bytea NOT NULL
);


--
-- Name: reductions; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.reductions (
    document bigint NOT NULL,
    "position" bigint NOT NULL,
    planned_order text NOT NULL COLLATE pg_catalog."C",
    segment text NOT NULL COLLATE pg_catalog."C",
    quantity bigint NOT NULL
);


--
-- Name: rules; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.rules (
    head bigint NOT NULL,
    content text NOT NULL COLLATE pg_catalog."C"
);


--
-- Name: runs; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.runs (
    plant text NOT NULL COLLATE pg_catalog."C",
    line text NOT NULL COLLATE pg_catalog."C",
    start_at bigint NOT NULL,
    end_at bigint NOT NULL,
    material text NOT NULL COLLATE pg_catalog."C",
    version text NOT NULL COLLATE pg_catalog."C",
    batch text NOT NULL COLLATE pg_catalog."C",
    sales_order text NOT NULL COLLATE pg_catalog."C",
    sales_order_item text NOT NULL COLLATE pg_catalog."C",
    revision text NOT NULL COLLATE pg_catalog."C",
    actor text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    stopped_at bigint DEFAULT '0'::bigint NOT NULL
);


--
-- Name: scans; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.scans (
    device text NOT NULL COLLATE pg_catalog."C",
    scan text NOT NULL COLLATE pg_catalog."C",
    content text NOT NULL COLLATE pg_catalog."C",
    result text NOT NULL COLLATE pg_catalog."C",
    code text NOT NULL COLLATE pg_catalog."C",
    title text NOT NULL COLLATE pg_catalog."C",
    text text NOT NULL COLLATE pg_catalog."C",
    document bigint NOT NULL,
    quantity bigint NOT NULL,
    point text NOT NULL COLLATE pg_catalog."C",
    waiting bigint NOT NULL,
    facts text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C"
);


--
-- Name: serials; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.serials (
    serial text NOT NULL COLLATE pg_catalog."C",
    document bigint NOT NULL
);


--
-- Name: source_names; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.source_names (
    head bigint NOT NULL,
    decoder text NOT NULL COLLATE pg_catalog."C",
    scope text NOT NULL COLLATE pg_catalog."C",
    names text NOT NULL COLLATE pg_catalog."C"
);


--
-- Name: sources; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.sources (
    document bigint NOT NULL,
    "position" bigint NOT NULL,
    device text NOT NULL COLLATE pg_catalog."C",
    first_entry bigint NOT NULL,
    last_entry bigint NOT NULL,
    readings bigint NOT NULL,
    yield bigint NOT NULL,
    scrap bigint NOT NULL,
    first_at bigint NOT NULL,
    last_at bigint NOT NULL,
    spans_change bigint NOT NULL
);


--
-- Name: statistics; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.statistics (
    plant text NOT NULL COLLATE pg_catalog."C",
    date text NOT NULL COLLATE pg_catalog."C",
    shift text NOT NULL COLLATE pg_catalog."C",
    line text NOT NULL COLLATE pg_catalog."C",
    material text NOT NULL COLLATE pg_catalog."C",
    version text NOT NULL COLLATE pg_catalog."C",
    measure text NOT NULL COLLATE pg_catalog."C",
    detail text NOT NULL COLLATE pg_catalog."C",
    unit text NOT NULL COLLATE pg_catalog."C",
    quantity bigint NOT NULL
)
WITH (fillfactor='50');


--
-- Name: stock; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.stock (
    plant text NOT NULL COLLATE pg_catalog."C",
    material text NOT NULL COLLATE pg_catalog."C",
    location text NOT NULL COLLATE pg_catalog."C",
    batch text NOT NULL COLLATE pg_catalog."C",
    stock_type text NOT NULL COLLATE pg_catalog."C",
    quantity bigint NOT NULL
)
WITH (fillfactor='50');


--
-- Name: waiting; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.waiting (
    flow text NOT NULL COLLATE pg_catalog."C",
    point text NOT NULL COLLATE pg_catalog."C",
    document bigint NOT NULL,
    plant text NOT NULL COLLATE pg_catalog."C",
    line text NOT NULL COLLATE pg_catalog."C",
    explosion text NOT NULL COLLATE pg_catalog."C",
    production_date text NOT NULL COLLATE pg_catalog."C",
    shift text NOT NULL COLLATE pg_catalog."C",
    batch text NOT NULL COLLATE pg_catalog."C",
    planned_order text NOT NULL COLLATE pg_catalog."C",
    replaced text NOT NULL COLLATE pg_catalog."C",
    yield bigint NOT NULL,
    scrap text NOT NULL COLLATE pg_catalog."C",
    again bigint NOT NULL
);


--
-- Name: windows; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.windows (
    flow text NOT NULL COLLATE pg_catalog."C",
    point text NOT NULL COLLATE pg_catalog."C",
    explosion text NOT NULL COLLATE pg_catalog."C",
    production_date text NOT NULL COLLATE pg_catalog."C",
    shift text NOT NULL COLLATE pg_catalog."C",
    batch text NOT NULL COLLATE pg_catalog."C",
    line text NOT NULL COLLATE pg_catalog."C",
    policy text NOT NULL COLLATE pg_catalog."C",
    plant text NOT NULL COLLATE pg_catalog."C",
    close_at bigint NOT NULL,
    pieces bigint NOT NULL,
    yield bigint NOT NULL,
    scrap text NOT NULL COLLATE pg_catalog."C",
    rework bigint NOT NULL,
    sources text NOT NULL COLLATE pg_catalog."C"
)
WITH (fillfactor='50');


--
-- Name: worklist_rows; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.worklist_rows (
    document bigint NOT NULL,
    process text NOT NULL COLLATE pg_catalog."C",
    segment text NOT NULL COLLATE pg_catalog."C",
    explosion text NOT NULL COLLATE pg_catalog."C",
    scope text NOT NULL COLLATE pg_catalog."C",
    flow text NOT NULL COLLATE pg_catalog."C",
    units bigint NOT NULL,
    plant text NOT NULL COLLATE pg_catalog."C",
    line text NOT NULL COLLATE pg_catalog."C",
    posting_date text NOT NULL COLLATE pg_catalog."C",
    production_date text NOT NULL COLLATE pg_catalog."C",
    shift text NOT NULL COLLATE pg_catalog."C",
    timing text NOT NULL COLLATE pg_catalog."C",
    cumulate bigint NOT NULL,
    state text NOT NULL COLLATE pg_catalog."C",
    mark bigint NOT NULL,
    posted_by bigint NOT NULL,
    reversed bigint NOT NULL
);


--
-- Data for Name: accounts; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.accounts VALUES ('', '1000/FO/V1/PCC 1000 FO V1/final', '', 'activity', 1, 'setup', 'W1', 0, '0/1', '0/1', 0);
INSERT INTO public.accounts VALUES ('', '1000/FP/V1/PCC 1000 FP V1/0010-final', '', 'receipt', 1, 'FP', 'FGL', 10000000, '0/1', '0/1', 0);
INSERT INTO public.accounts VALUES ('', '1000/FP/V1/PCC 1000 FP V1/0010-final', '', 'issue', -1, 'A', 'RAW', 11000000, '0/1', '0/1', 0);
INSERT INTO public.accounts VALUES ('', '1000/FP/V1/PCC 1000 FP V1/0010-final', '', 'activity', 1, 'setup', 'W1', 0, '0/1', '0/1', 0);
INSERT INTO public.accounts VALUES ('shift 2026-03-16', '1000/FG/V1/PCC 1000 FG V1/final', 'final', 'activity', 1, 'setup', 'W1', 0, '0/1', '0/1', 0);
INSERT INTO public.accounts VALUES ('', '1000/FP/V1/PCC 1000 FP V1/0010-final', '', 'issue', -1, 'B', 'RAW', 1250000, '0/1', '2500/1', 0);
INSERT INTO public.accounts VALUES ('', '1000/FP/V1/PCC 1000 FP V1/0010-final', '', 'activity', 1, 'machine', 'W1', 185417, '-1/3', '-4980/1', 0);
INSERT INTO public.accounts VALUES ('', '1000/FG/V1/PCC 1000 FG V1/final', '', 'activity', 1, 'machine', 'W1', 250000, '0/1', '0/1', 0);
INSERT INTO public.accounts VALUES ('', '1000/FG/V1/PCC 1000 FG V1/final', '', 'issue', -1, 'A', 'RAW', 40000000, '0/1', '0/1', 0);
INSERT INTO public.accounts VALUES ('shift 2026-03-16', '1000/FP/V1/PCC 1000 FP V1/0010-final', 'final', 'activity', 1, 'setup', 'W1', 500000, '0/1', '0/1', 6);
INSERT INTO public.accounts VALUES ('shift 2026-03-16', '1000/FO/V1/PCC 1000 FO V1/final', 'final', 'activity', 1, 'setup', 'W1', 500000, '0/1', '0/1', 7);
INSERT INTO public.accounts VALUES ('', '1000/FG/V1/PCC 1000 FG V1/final', '', 'activity', 1, 'setup', 'W1', 0, '0/1', '0/1', 0);
INSERT INTO public.accounts VALUES ('', '1000/FG/V1/PCC 1000 FG V1/final', '', 'receipt', 1, 'FG', 'FGL', 25000000, '0/1', '0/1', 0);
INSERT INTO public.accounts VALUES ('', '1000/FO/V1/PCC 1000 FO V1/final', '', 'receipt', 1, 'FO', 'FGL', 22000000, '0/1', '0/1', 0);
INSERT INTO public.accounts VALUES ('', '1000/FO/V1/PCC 1000 FO V1/final', '', 'issue', -1, 'B', 'RAW', 17000, '-200/1', '-3710/1', 0);
INSERT INTO public.accounts VALUES ('', '1000/FO/V1/PCC 1000 FO V1/final', '', 'issue', -1, 'SCARCE', 'TIGHT', 72000000, '0/1', '0/1', 0);
INSERT INTO public.accounts VALUES ('', '1000/FO/V1/PCC 1000 FO V1/final', '', 'issue', 1, 'A', 'RAW', 2000000, '400000/1', '0/1', 0);
INSERT INTO public.accounts VALUES ('', '1000/FO/V1/PCC 1000 FO V1/final', '', 'activity', 1, 'machine', 'W1', 300000, '0/1', '0/1', 0);
INSERT INTO public.accounts VALUES ('', '1000/FG/V1/PCC 1000 FG V1/final', '', 'issue', -1, 'B', 'RAW', 6666000, '0/1', '2840/1', 0);
INSERT INTO public.accounts VALUES ('', '1000/FG/V1/PCC 1000 FG V1/final', '', 'issue', -1, 'SCARCE', 'TIGHT', 20000000, '0/1', '0/1', 0);
INSERT INTO public.accounts VALUES ('lot LOT7', '1000/FO/V1/PCC 1000 FO V1/final', 'final', 'activity', 1, 'setup', 'W1', 500000, '0/1', '0/1', 20);


--
-- Data for Name: activity_items; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.activity_items VALUES (5, 2, 'exploded', 'W1', 'CC1', 'machine', 183333, 11000000, 'PCC 1000 FP V1');
INSERT INTO public.activity_items VALUES (6, 3, 'exploded', 'W1', 'CC1', 'machine', 1250, 70000, 'PCC 1000 FP V1');
INSERT INTO public.activity_items VALUES (6, 4, 'exploded', 'W1', 'CC1', 'setup', 500000, 0, 'PCC 1000 FP V1');
INSERT INTO public.activity_items VALUES (7, 6, 'exploded', 'W1', 'CC1', 'machine', 250000, 15000000, 'PCC 1000 FO V1');
INSERT INTO public.activity_items VALUES (7, 7, 'exploded', 'W1', 'CC1', 'setup', 500000, 0, 'PCC 1000 FO V1');
INSERT INTO public.activity_items VALUES (8, 4, 'exploded', 'W1', 'CC1', 'machine', 12500, 750000, 'PCC 1000 FO V1');
INSERT INTO public.activity_items VALUES (9, 3, 'exploded', 'W1', 'CC1', 'machine', 12500, 750000, 'PCC 1000 FO V1');
INSERT INTO public.activity_items VALUES (11, 1, 'exploded', 'W1', 'CC1', 'machine', 75000, 4500000, 'PCC 1000 FG V1');
INSERT INTO public.activity_items VALUES (11, 2, 'exploded', 'W1', 'CC1', 'setup', 500000, 0, 'PCC 1000 FG V1');
INSERT INTO public.activity_items VALUES (13, 1, 'exploded', 'W1', 'CC1', 'machine', 250000, 15000000, 'PCC 1000 FG V1');
INSERT INTO public.activity_items VALUES (14, 1, 'exploded', 'W1', 'CC1', 'machine', 100000, 6000000, 'PCC 1000 FG V1');
INSERT INTO public.activity_items VALUES (15, 1, 'mirror', 'W1', 'CC1', 'machine', -75000, -4500000, 'PCC 1000 FG V1');
INSERT INTO public.activity_items VALUES (15, 2, 'mirror', 'W1', 'CC1', 'setup', -500000, 0, 'PCC 1000 FG V1');
INSERT INTO public.activity_items VALUES (17, 1, 'mirror', 'W1', 'CC1', 'machine', -100000, -6000000, 'PCC 1000 FG V1');
INSERT INTO public.activity_items VALUES (20, 4, 'exploded', 'W1', 'CC1', 'machine', 25000, 1500000, 'PCC 1000 FO V1');
INSERT INTO public.activity_items VALUES (20, 5, 'exploded', 'W1', 'CC1', 'setup', 500000, 0, 'PCC 1000 FO V1');
INSERT INTO public.activity_items VALUES (21, 3, 'exploded', 'W1', 'CC1', 'machine', 834, 60000, 'PCC 1000 FP V1');


--
-- Data for Name: alembic_version; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.alembic_version VALUES ('0003');


--
-- Data for Name: backlog; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.backlog VALUES (8, 3, '1000', 'L3', '261', 'SCARCE', 'TIGHT', '', '', 'PC', 3000000, 'BF4002', 'PCC 1000 FO V1', '2026-03-16', '2026-03-16', 1773648030000000, 'exploded', 1, 0, 0, 0, 0, '', '', '[]');
INSERT INTO public.backlog VALUES (9, 2, '1000', 'L3', '261', 'SCARCE', 'TIGHT', '', '', 'PC', 3000000, 'BF4002', 'PCC 1000 FO V1', '2026-03-16', '2026-03-16', 1773648030000000, 'exploded', 1, 0, 0, 0, 0, '', '', '[]');
INSERT INTO public.backlog VALUES (12, 3, '1000', 'L1', '261', 'SCARCE', 'TIGHT', '', '', 'PC', 34000000, 'BF4002', 'PCC 1000 FG V1', '2026-03-16', '2026-03-16', 1773648030000000, 'exploded', 0, 0, 0, 14000000, 14000000, 'reversed by 0000000017', '', '[]');
INSERT INTO public.backlog VALUES (7, 4, '1000', 'L3', '261', 'SCARCE', 'TIGHT', '', '', 'PC', 53000000, 'BF4002', 'PCC 1000 FO V1', '2026-03-16', '2026-03-16', 1773648030000000, 'exploded', 1, 53000000, 106000000, 0, 0, '', '', '[["","",53000000]]');
INSERT INTO public.backlog VALUES (20, 3, '1000', 'L3', '261', 'SCARCE', 'TIGHT', '', '', 'PC', 6000000, 'BF4002', 'PCC 1000 FO V1', '2026-03-16', '2026-03-16', 1773648030000000, 'exploded', 1, 0, 0, 0, 0, '', '', '[]');


--
-- Data for Name: batches; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.batches VALUES (0, 10, 4, 1773648000000000, 1, 1, '2fd2956b6361ed867bbe7958c5cd30b8307de3ab729b9a55099c1b1688bdc83d', '9c142d9616f3dc8fd2a6b7d95b53718a715384b999f7df3b83eae96d0912fc0e', '4d795f13f14a4957b50f9774f5973778d5a5f0fddf7814ccedde6dd6eceb815c');
INSERT INTO public.batches VALUES (0, 12, 5, 1773648000000000, 2, 2, '2fd2956b6361ed867bbe7958c5cd30b8307de3ab729b9a55099c1b1688bdc83d', 'cdc0d616df10c8289bf64bfa0a9ad8489dfef3892c25a0865147ff14e00e6600', '46aa543855fd658db54dc9a326931be2b4de4ceee849611ac4577ff81b86e492');
INSERT INTO public.batches VALUES (0, 16, 7, 1773648000000000, 3, 3, '2fd2956b6361ed867bbe7958c5cd30b8307de3ab729b9a55099c1b1688bdc83d', '5d45b5ba5debbca7dcaf2c5888ad93f7ba4f0c1c3d3432b45f844dc2f0fb1a12', 'b722d6412f31236c399ef1662c042f5802ded6ddb2f06bde7f3e25168f89fcf9');
INSERT INTO public.batches VALUES (0, 18, 8, 1773648000000000, 4, 4, '2fd2956b6361ed867bbe7958c5cd30b8307de3ab729b9a55099c1b1688bdc83d', '19accc7567d31a5f275cf72380cab6768c4cd692d6eb8882d624c554303ab565', '6eb3cb796c51b5459fcb591bd7525ac5bcfbffe0cf4576cce507aa1523fca72d');
INSERT INTO public.batches VALUES (0, 20, 9, 1773648000000000, 5, 6, '2fd2956b6361ed867bbe7958c5cd30b8307de3ab729b9a55099c1b1688bdc83d', 'b14387f54ce3e97e7cd2689aba2c778f552b287fb9ccca17ef233871b1b9319e', 'b43d6834ab0739620b9af4c5c264c32a59388263e844373cf5b57bd310874d7b');
INSERT INTO public.batches VALUES (0, 24, 10, 1773648030000000, 7, 7, '2fd2956b6361ed867bbe7958c5cd30b8307de3ab729b9a55099c1b1688bdc83d', '52bf3eab4ba30240198ae84c1266d19861ab268da58a9606ade8e4c1aa455bc0', '3686d12d441447a6951080024fa196b8171550262ad1a93d536e4a254a4eb4e8');
INSERT INTO public.batches VALUES (0, 25, 11, 1773648030000000, 8, 8, '2fd2956b6361ed867bbe7958c5cd30b8307de3ab729b9a55099c1b1688bdc83d', '91e644726e1cf5b307aa05f59e301a32054fbce100a172b0eea8370b020a8ddd', '5cd3fbde3257c754d8de4ff1de7c7f3e21068a1954174e682ffe9e8c0d7e2788');
INSERT INTO public.batches VALUES (0, 27, 12, 1773648030000000, 9, 9, '2fd2956b6361ed867bbe7958c5cd30b8307de3ab729b9a55099c1b1688bdc83d', '68d2a02fc93200e801f728b08ca7fad501d9a7f241e16b2efd83fa91b64fbf4a', '1b00aab97f259514cb909013d9f6c20dc03a529b51669b21f5c05664da212488');
INSERT INTO public.batches VALUES (0, 30, 13, 1773648030000000, 10, 10, '2fd2956b6361ed867bbe7958c5cd30b8307de3ab729b9a55099c1b1688bdc83d', '4362bb9c55d30fde778ed6d91c35cc2331f47e104335e7d79f60587f188cd72e', '1acd4b0f1249bcf955c31bda1c613fda428c077d21308e73699f336899b519ff');
INSERT INTO public.batches VALUES (0, 33, 14, 1773648030000000, 11, 14, '2fd2956b6361ed867bbe7958c5cd30b8307de3ab729b9a55099c1b1688bdc83d', '72159e7837800a28125d0825e12cf2dd5756e3f26e63428e90850665e4cd3905', 'b4fe98ee24f922bb031daed2a66baab523caa01936007da01ceb34a6d5de72d1');
INSERT INTO public.batches VALUES (0, 36, 15, 1773648030000000, 15, 15, '2fd2956b6361ed867bbe7958c5cd30b8307de3ab729b9a55099c1b1688bdc83d', '84ae46cf0386251a39cc74bb775e54ec75761039be63b8fd454e771767a978a6', '9a497e6cc1b371ac26af65e50276332e7541842d6148762e3a4ab303a4074b3f');
INSERT INTO public.batches VALUES (0, 38, 16, 1773648030000000, 16, 16, '2fd2956b6361ed867bbe7958c5cd30b8307de3ab729b9a55099c1b1688bdc83d', '8d802c03b85d91a0f83792e50c1d8264e93593494f5697fe878b8a95217e11cf', '8bce951051cff35755daea4f24c1f0ae50c2299b043f732b5589e5ee9b862415');
INSERT INTO public.batches VALUES (0, 41, 17, 1773648030000000, 17, 17, '2fd2956b6361ed867bbe7958c5cd30b8307de3ab729b9a55099c1b1688bdc83d', '5cf66bed1b9149efa382d2aed6170f274af4a80abfe40b60a06a655a2d5c2988', '288732d2312a15cfda668c35cc7d23a67719de9419e90150397c1491a22a79db');
INSERT INTO public.batches VALUES (0, 59, 24, 1773648030000000, 18, 18, '3c9f35e576dc9ac2acc0b537a9d60e01bd81f56ce72cb2ea6a9cd2be2d05c61a', '399bf6ec3662597e2f74f44cb89e6f625884e24256fa300744c1fe811ba44ae6', 'cba04c31b04a2a7bcaa07673fc50a5899a2420d7827ce13312b6b86903a432f4');
INSERT INTO public.batches VALUES (0, 62, 25, 1773648030000000, 19, 19, '3c9f35e576dc9ac2acc0b537a9d60e01bd81f56ce72cb2ea6a9cd2be2d05c61a', '72ecf91aabf4b0b3166b3acfeba903d03d5636d04983661bc48ebac363f00837', '1cf2a678ceee09e485585d608027dfb1c650e47f63a568d6ac3f667f5dab9403');
INSERT INTO public.batches VALUES (0, 65, 26, 1773648030000000, 20, 20, '3c9f35e576dc9ac2acc0b537a9d60e01bd81f56ce72cb2ea6a9cd2be2d05c61a', '06e8ff5e61f939fb6d1160f6dedf064ae1e5484efe06d0d13bd0d406dc6174f0', '8c3825ccfa4d3dc4d63fc0889c4dd7ae76bdbef38812ac1ec5f23a1dba0edc88');
INSERT INTO public.batches VALUES (0, 67, 27, 1773648030000000, 21, 21, '3c9f35e576dc9ac2acc0b537a9d60e01bd81f56ce72cb2ea6a9cd2be2d05c61a', 'c6bab66b2273022b4172b8d6fadeb23b3b6e72924c62377dec05b1dd2e7f84bc', 'c5c0ad06f070c4927da035438e47537ea4c1e619ffca01e9622f8c3ff7030d0f');


--
-- Data for Name: collectors; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.collectors VALUES ('1000', 'PCC 1000 FP V1', '2026-03', 'activity', 'setup', 0);
INSERT INTO public.collectors VALUES ('1000', 'PCC 1000 FP V1', '2026-03', 'issue', 'A', 55000000);
INSERT INTO public.collectors VALUES ('1000', 'PCC 1000 FO V1', '2026-03', 'issue', 'A', -10000000);
INSERT INTO public.collectors VALUES ('1000', 'PCC 1000 FG V1', '2026-03', 'activity', 'setup', 0);
INSERT INTO public.collectors VALUES ('1000', 'PCC 1000 FG V1', '2026-03', 'activity', 'machine', 15000000);
INSERT INTO public.collectors VALUES ('1000', 'PCC 1000 FG V1', '2026-03', 'issue', 'A', 200000000);
INSERT INTO public.collectors VALUES ('1000', 'PCC 1000 FG V1', '2026-03', 'issue', 'B', 2460000);
INSERT INTO public.collectors VALUES ('1000', 'PCC 1000 FG V1', '2026-03', 'receipt', 'FG', -500000000);
INSERT INTO public.collectors VALUES ('1000', 'PCC 1000 FO V1', '2026-03', 'issue', 'SCARCE', 120000000);
INSERT INTO public.collectors VALUES ('1000', 'PCC 1000 FO V1', '2026-03', 'activity', 'machine', 18000000);
INSERT INTO public.collectors VALUES ('1000', 'PCC 1000 FO V1', '2026-03', 'activity', 'setup', 0);
INSERT INTO public.collectors VALUES ('1000', 'PCC 1000 FO V1', '2026-03', 'issue', 'B', 10000);
INSERT INTO public.collectors VALUES ('1000', 'PCC 1000 FO V1', '2026-03', 'receipt', 'FO', -264000000);
INSERT INTO public.collectors VALUES ('1000', 'PCC 1000 FP V1', '2026-03', 'activity', 'machine', 11130000);
INSERT INTO public.collectors VALUES ('1000', 'PCC 1000 FP V1', '2026-03', 'issue', 'B', 460000);
INSERT INTO public.collectors VALUES ('1000', 'PCC 1000 FP V1', '2026-03', 'receipt', 'FP', -200000000);


--
-- Data for Name: commands; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.commands VALUES ('tx-13', 'Reverse(document=1, quantity=4000000, scrap=0, scrap_reason=None, components=())', '["ok", "BF0000", "4 of document 0000000001 are reversed by 0000000010", {"document": "0000000010", "reverses": "0000000001", "documents": ["0000000010"], "withdrawn": "0"}]');
INSERT INTO public.commands VALUES ('tx-14', 'Work(plant=''1000'', line=''L1'', process='''', limit=20000)', '["ok", "BF0000", "9 posted in 4 documents, 0 left", {"documents": 4, "posted": 9, "left": 0, "more": false}]');
INSERT INTO public.commands VALUES ('tx-15', 'Reverse(document=1, quantity=None, scrap=0, scrap_reason=None, components=())', '["ok", "BF0000", "document 0000000001 is reversed by 0000000015", {"document": "0000000015", "reverses": "0000000001", "documents": ["0000000015"], "withdrawn": "0"}]');
INSERT INTO public.commands VALUES ('tx-17', 'Reverse(document=3, quantity=None, scrap=0, scrap_reason=None, components=())', '["ok", "BF0000", "document 0000000003 is reversed by 0000000017", {"document": "0000000017", "reverses": "0000000003", "documents": ["0000000017"], "withdrawn": "0"}]');
INSERT INTO public.commands VALUES ('tx-21', 'QuarantineDismiss(numbers=(1,), which=None)', '["ok", "BF0000", "1 entry: 1 dismissed", {"entries": {"0000000001": "dismissed"}}]');
INSERT INTO public.commands VALUES ('tx-24', 'QuarantineReplay(numbers=(2,), which=None)', '["ok", "BF0000", "1 entry: 1 replayed", {"entries": {"0000000002": "replayed"}}]');
INSERT INTO public.commands VALUES ('tx-25', 'BacklogRetry(plant='''', line='''', material='''', limit=2, date='''')', '["ok", "BF0000", "1 posted in 1 document, 1 left; SCARCE: 3 PC missing at TIGHT, which holds 0", {"documents": 1, "posted": 1, "left": 1, "more": true, "why": ["SCARCE: 3 PC missing at TIGHT, which holds 0"]}]');
INSERT INTO public.commands VALUES ('tx-26', 'Post(type=''assembly'', plant=''1000'', line=''L3'', material=''FO'', version='''', quantity=2000000, point='''', scrap_reason='''', at=None, batch=''LOT7'', cost_object='''', order='''', revision='''', actual=Actual(components=None, activities=None, complete=False), after='''', rework=0, unclear='''', force=False)', '["ok", "BF0000", "2 posted in 0000000020; missing, and kept in the backlog: 6 PC SCARCE", {"documents": ["0000000020"], "posted": "2", "waiting": "0"}]');


--
-- Data for Name: confirmations; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.confirmations VALUES (1, 1, 'final', '', 10000000, 0, 0, 0, 0, 10000000, 0);
INSERT INTO public.confirmations VALUES (2, 1, 'final', '', 14000000, 2000000, 0, 0, 0, 14000000, 2000000);
INSERT INTO public.confirmations VALUES (2, 2, 'final', 'DENT', 0, 4000000, 0, 0, 0, 0, 4000000);
INSERT INTO public.confirmations VALUES (3, 1, 'final', '', 8000000, 0, 0, 0, 0, 8000000, 0);
INSERT INTO public.confirmations VALUES (4, 1, 'final', '', 0, 0, 0, 0, 0, 6000000, 0);
INSERT INTO public.confirmations VALUES (5, 1, '0010', '', 10000000, 1000000, 0, 0, 0, 10000000, 1000000);
INSERT INTO public.confirmations VALUES (6, 1, 'final', '', 6000000, 0, 0, 0, 0, 0, 0);
INSERT INTO public.confirmations VALUES (7, 1, 'final', '', 18000000, 2000000, 0, 0, 0, 18000000, 2000000);
INSERT INTO public.confirmations VALUES (8, 1, 'final', '', 1000000, 0, 0, 0, 0, 1000000, 0);
INSERT INTO public.confirmations VALUES (9, 1, 'final', '', 1000000, 0, 0, 0, 0, 1000000, 0);
INSERT INTO public.confirmations VALUES (10, 1, 'final', '', -4000000, 0, 0, 0, 0, -4000000, 0);
INSERT INTO public.confirmations VALUES (15, 1, 'final', '', -6000000, 0, 0, 0, 0, -6000000, 0);
INSERT INTO public.confirmations VALUES (16, 1, 'final', '', 10000000, 0, 0, 0, 0, 10000000, 0);
INSERT INTO public.confirmations VALUES (17, 1, 'final', '', -8000000, 0, 0, 0, 0, -8000000, 0);
INSERT INTO public.confirmations VALUES (18, 1, 'final', '', 1000000, 0, 0, 0, 0, 1000000, 0);
INSERT INTO public.confirmations VALUES (20, 1, 'final', '', 2000000, 0, 0, 0, 0, 2000000, 0);
INSERT INTO public.confirmations VALUES (21, 1, 'final', '', 4000000, 0, 0, 0, 0, 7000000, 0);


--
-- Data for Name: contexts; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.contexts VALUES ('S1', '', '', '', '4711', 0, '', '', 9, 9, 0, '');


--
-- Data for Name: cursors; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: device_marks; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.device_marks VALUES ('C1', 'a', 'good', 12, 2, NULL, 1773648000000000, 12, 0, -1, '');
INSERT INTO public.device_marks VALUES ('C1', 'a', 'scrap', 3, 2, NULL, 1773648000000000, 3, 0, -1, '');
INSERT INTO public.device_marks VALUES ('C1', 'a', 'scrap DENT', 2, 2, NULL, 1773648000000000, 0, 0, -1, '');
INSERT INTO public.device_marks VALUES ('P1', '', 'good', 10, NULL, NULL, 1773648000000000, 10, 0, -1, '');
INSERT INTO public.device_marks VALUES ('P1', '', 'scrap', 1, NULL, NULL, 1773648000000000, 1, 0, -1, '');
INSERT INTO public.device_marks VALUES ('C1', 'b', 'good', 9, 4, NULL, 1773648030000000, 9, 0, -1, '');
INSERT INTO public.device_marks VALUES ('C9', '', 'good', 8, NULL, NULL, 1773648030000000, 8, 0, -1, '');
INSERT INTO public.device_marks VALUES ('P2', '', 'good', 13, NULL, NULL, 1773648030000000, 13, 0, -1, '');
INSERT INTO public.device_marks VALUES ('W3', '', 'gross', 23, NULL, NULL, 1773648030000000, 23, 0, -1, '');
INSERT INTO public.device_marks VALUES ('W3', '', 'scrap', 2, NULL, NULL, 1773648030000000, 2, 0, -1, '');


--
-- Data for Name: device_states; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.device_states VALUES ('C1', 1);


--
-- Data for Name: documents; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.documents VALUES (1, 'assembly', '1000', 'L1', 'FG', 'V1', 'PCC 1000 FG V1', '1000/FG/V1/PCC 1000 FG V1/final', '', '2026-03-16', '2026-03-16', '', 1773648000000000, 0, '', '', '', 0, 0);
INSERT INTO public.documents VALUES (2, 'assembly', '1000', 'L1', 'FG', 'V1', 'PCC 1000 FG V1', '1000/FG/V1/PCC 1000 FG V1/final', '', '2026-03-16', '2026-03-16', '', 1773648000000000, 0, '', '', '', 0, 0);
INSERT INTO public.documents VALUES (3, 'assembly', '1000', 'L1', 'FG', 'V1', 'PCC 1000 FG V1', '1000/FG/V1/PCC 1000 FG V1/final', '', '2026-03-16', '2026-03-16', '', 1773648000000000, 0, '', '', '', 0, 0);
INSERT INTO public.documents VALUES (4, 'assembly', '1000', 'L2', 'FP', 'V1', 'PCC 1000 FP V1', '1000/FP/V1/PCC 1000 FP V1/0010-final', '', '2026-03-16', '2026-03-16', '', 1773648000000000, 0, '', '', '', 0, 0);
INSERT INTO public.documents VALUES (5, 'point', '1000', 'L2', 'FP', 'V1', 'PCC 1000 FP V1', '1000/FP/V1/PCC 1000 FP V1/0010-final', '', '2026-03-16', '2026-03-16', '', 1773648000000000, 0, '', '', '', 0, 0);
INSERT INTO public.documents VALUES (6, 'assembly', '1000', 'L2', 'FP', 'V1', 'PCC 1000 FP V1', '1000/FP/V1/PCC 1000 FP V1/0010-final', '', '2026-03-16', '2026-03-16', '', 1773648000000000, 0, '', '', '0000000004', 0, 4);
INSERT INTO public.documents VALUES (7, 'assembly', '1000', 'L3', 'FO', 'V1', 'PCC 1000 FO V1', '1000/FO/V1/PCC 1000 FO V1/final', '', '2026-03-16', '2026-03-16', '', 1773648030000000, 0, '', '', '', 0, 0);
INSERT INTO public.documents VALUES (8, 'assembly', '1000', 'L3', 'FO', 'V1', 'PCC 1000 FO V1', '1000/FO/V1/PCC 1000 FO V1/final', '', '2026-03-16', '2026-03-16', '', 1773648030000000, 11, '4711', '', 'scan-1', 0, 0);
INSERT INTO public.documents VALUES (9, 'assembly', '1000', 'L3', 'FO', 'V1', 'PCC 1000 FO V1', '1000/FO/V1/PCC 1000 FO V1/final', '', '2026-03-16', '2026-03-16', '', 1773648030000000, 12, '4711', '', 'scan-2', 0, 0);
INSERT INTO public.documents VALUES (10, 'reversal', '1000', 'L1', 'FG', 'V1', 'PCC 1000 FG V1', '1000/FG/V1/PCC 1000 FG V1/final', '', '2026-03-16', '2026-03-16', '', 1773648030000000, 13, 'anna', 'test', '', 1, 0);
INSERT INTO public.documents VALUES (11, 'worklist', '1000', 'L1', 'FG', 'V1', 'PCC 1000 FG V1', '1000/FG/V1/PCC 1000 FG V1/final', '', '2026-03-16', '2026-03-16', '', 1773648030000000, 14, 'anna', 'test', '0000000001', 0, 0);
INSERT INTO public.documents VALUES (12, 'worklist', '1000', 'L1', '', '', '', '', '', '2026-03-16', '2026-03-16', '', 1773648030000000, 14, 'anna', 'test', '', 0, 0);
INSERT INTO public.documents VALUES (13, 'worklist', '1000', 'L1', 'FG', 'V1', 'PCC 1000 FG V1', '1000/FG/V1/PCC 1000 FG V1/final', '', '2026-03-16', '2026-03-16', '', 1773648030000000, 14, 'anna', 'test', '0000000002', 0, 0);
INSERT INTO public.documents VALUES (14, 'worklist', '1000', 'L1', 'FG', 'V1', 'PCC 1000 FG V1', '1000/FG/V1/PCC 1000 FG V1/final', '', '2026-03-16', '2026-03-16', '', 1773648030000000, 14, 'anna', 'test', '0000000003', 0, 0);
INSERT INTO public.documents VALUES (15, 'reversal', '1000', 'L1', 'FG', 'V1', 'PCC 1000 FG V1', '1000/FG/V1/PCC 1000 FG V1/final', '', '2026-03-16', '2026-03-16', '', 1773648030000000, 15, 'anna', 'test', '', 1, 0);
INSERT INTO public.documents VALUES (16, 'assembly', '1000', 'L1', 'FG', 'V1', 'PCC 1000 FG V1', '1000/FG/V1/PCC 1000 FG V1/final', '', '2026-03-16', '2026-03-16', '', 1773648030000000, 0, '', '', '', 0, 0);
INSERT INTO public.documents VALUES (17, 'reversal', '1000', 'L1', 'FG', 'V1', 'PCC 1000 FG V1', '1000/FG/V1/PCC 1000 FG V1/final', '', '2026-03-16', '2026-03-16', '', 1773648030000000, 17, 'anna', 'test', '', 3, 0);
INSERT INTO public.documents VALUES (18, 'assembly', '1000', 'L9', 'FG', 'V1', 'PCC 1000 FG V1', '1000/FG/V1/PCC 1000 FG V1/final', '', '2026-03-16', '2026-03-16', '', 1773648030000000, 0, '', '', '', 0, 0);
INSERT INTO public.documents VALUES (19, 'backlog', '1000', 'L3', '', '', '', '', '', '2026-03-16', '2026-03-16', '', 1773648030000000, 25, 'anna', 'test', '0000000007/4', 0, 0);
INSERT INTO public.documents VALUES (20, 'assembly', '1000', 'L3', 'FO', 'V1', 'PCC 1000 FO V1', '1000/FO/V1/PCC 1000 FO V1/final', 'LOT7', '2026-03-16', '2026-03-16', '', 1773648030000000, 26, 'anna', 'test', 'tx-26', 0, 0);
INSERT INTO public.documents VALUES (21, 'assembly', '1000', 'L2', 'FP', 'V1', 'PCC 1000 FP V1', '1000/FP/V1/PCC 1000 FP V1/0010-final', '', '2026-03-16', '2026-03-16', '', 1773648030000000, 0, '', '', '', 0, 0);


--
-- Data for Name: edge_nodes; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: explosions; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.explosions VALUES ('e066f46538eab046aa6a4c59688d392d', '[["receipt","final",false,1,"FG","FGL","PC",1,1,1],["issue","final",false,-1,"A","RAW","PC",2,1,1000000],["issue","final",false,-1,"B","RAW","KG",3333,10000,1000],["issue","final",false,-1,"SCARCE","TIGHT","PC",1,1,1000000],["activity","final",false,1,"machine","W1","H",1,80,1],["activity","final",true,1,"setup","W1","H",500000,1,1]]');
INSERT INTO public.explosions VALUES ('c0783e4183a810e4d6d333ba6a2c14a0', '[["receipt","final",false,1,"FP","FGL","PC",1,1,1],["issue","0010",false,-1,"A","RAW","PC",1,1,1000000],["issue","final",false,-1,"B","RAW","KG",1,8,1000],["activity","0010",false,1,"machine","W1","H",1,60,1],["activity","final",false,1,"machine","W1","H",1,4800,1],["activity","final",true,1,"setup","W1","H",500000,1,1]]');
INSERT INTO public.explosions VALUES ('fc669c0dba4008d666f87838cedaebe2', '[["receipt","final",false,1,"FO","FGL","PC",1,1,1],["issue","final",false,-1,"B","RAW","KG",7,10000,1000],["issue","final",false,-1,"SCARCE","TIGHT","PC",3,1,1000000],["issue","final",false,1,"A","RAW","PC",1,10,1000000],["activity","final",false,1,"machine","W1","H",1,80,1],["activity","final",true,1,"setup","W1","H",500000,1,1]]');


--
-- Data for Name: flow_segments; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.flow_segments VALUES ('1000/FG/V1/PCC 1000 FG V1/final', 1, 'final', 25000000, 6000000, 25000000, 6000000, 0, 0, 0);
INSERT INTO public.flow_segments VALUES ('1000/FP/V1/PCC 1000 FP V1/0010-final', 1, '0010', 10000000, 1000000, 10000000, 1000000, 0, 0, 0);
INSERT INTO public.flow_segments VALUES ('1000/FP/V1/PCC 1000 FP V1/0010-final', 2, 'final', 13000000, 0, 10000000, 0, 0, 0, 0);
INSERT INTO public.flow_segments VALUES ('1000/FO/V1/PCC 1000 FO V1/final', 1, 'final', 22000000, 2000000, 22000000, 2000000, 0, 0, 0);


--
-- Data for Name: flows; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.flows VALUES ('1000/FG/V1/PCC 1000 FG V1/final', '1000', 'FG', 'V1', 'PCC 1000 FG V1', 'e066f46538eab046aa6a4c59688d392d', 9);
INSERT INTO public.flows VALUES ('1000/FP/V1/PCC 1000 FP V1/0010-final', '1000', 'FP', 'V1', 'PCC 1000 FP V1', 'c0783e4183a810e4d6d333ba6a2c14a0', 3);
INSERT INTO public.flows VALUES ('1000/FO/V1/PCC 1000 FO V1/final', '1000', 'FO', 'V1', 'PCC 1000 FO V1', 'fc669c0dba4008d666f87838cedaebe2', 6);


--
-- Data for Name: heads; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.heads VALUES (0, 'gw1', 'journal of gw1', 28, 70, 21, 3, 'c5c0ad06f070c4927da035438e47537ea4c1e619ffca01e9622f8c3ff7030d0f', '3c9f35e576dc9ac2acc0b537a9d60e01bd81f56ce72cb2ea6a9cd2be2d05c61a', 1773648030000000, 0, 0);


--
-- Data for Name: holds; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: last_scans; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: leases; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.leases VALUES (0, '*', 1773648060000000, 30000000, 1);


--
-- Data for Name: lines; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.lines VALUES ('1000', 'L1', 48000000, 48000000, 0, 48000000, 6000000, 0, 18000000, 11, 17, 1773648030000000, 1, 2, 1);
INSERT INTO public.lines VALUES ('1000', 'L9', 8000000, 1000000, 7000000, 1000000, 0, 0, 0, 1, 18, 1773648030000000, 1, 2, 0);
INSERT INTO public.lines VALUES ('1000', 'L2', 24000000, 24000000, 0, 21000000, 1000000, 0, 0, 4, 21, 1773648030000000, 0, 0, 0);
INSERT INTO public.lines VALUES ('1000', 'L3', 27000000, 27000000, 0, 24000000, 2000000, 0, 0, 5, 20, 1773648030000000, 0, 0, 3);


--
-- Data for Name: marks; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.marks VALUES ('', '1000/FP/V1/PCC 1000 FP V1/0010-final', 'c0783e4183a810e4d6d333ba6a2c14a0', 'final', 'receipt', 10000000, 10000000);
INSERT INTO public.marks VALUES ('', '1000/FP/V1/PCC 1000 FP V1/0010-final', 'c0783e4183a810e4d6d333ba6a2c14a0', 'final', 'issue', 10000000, 10000000);
INSERT INTO public.marks VALUES ('', '1000/FP/V1/PCC 1000 FP V1/0010-final', 'c0783e4183a810e4d6d333ba6a2c14a0', 'final', 'activity', 10000000, 10000000);
INSERT INTO public.marks VALUES ('shift 2026-03-16', '1000/FP/V1/PCC 1000 FP V1/0010-final', 'c0783e4183a810e4d6d333ba6a2c14a0', 'final', 'activity', 10000000, 10000000);
INSERT INTO public.marks VALUES ('', '1000/FP/V1/PCC 1000 FP V1/0010-final', 'c0783e4183a810e4d6d333ba6a2c14a0', '0010', 'issue', 11000000, 11000000);
INSERT INTO public.marks VALUES ('', '1000/FP/V1/PCC 1000 FP V1/0010-final', 'c0783e4183a810e4d6d333ba6a2c14a0', '0010', 'activity', 11000000, 11000000);
INSERT INTO public.marks VALUES ('shift 2026-03-16', '1000/FO/V1/PCC 1000 FO V1/final', 'fc669c0dba4008d666f87838cedaebe2', 'final', 'activity', 22000000, 22000000);
INSERT INTO public.marks VALUES ('', '1000/FG/V1/PCC 1000 FG V1/final', 'e066f46538eab046aa6a4c59688d392d', 'final', 'receipt', 43000000, 43000000);
INSERT INTO public.marks VALUES ('', '1000/FG/V1/PCC 1000 FG V1/final', 'e066f46538eab046aa6a4c59688d392d', 'final', 'issue', 45000000, 34000000);
INSERT INTO public.marks VALUES ('', '1000/FG/V1/PCC 1000 FG V1/final', 'e066f46538eab046aa6a4c59688d392d', 'final', 'activity', 45000000, 34000000);
INSERT INTO public.marks VALUES ('shift 2026-03-16', '1000/FG/V1/PCC 1000 FG V1/final', 'e066f46538eab046aa6a4c59688d392d', 'final', 'activity', 45000000, 34000000);
INSERT INTO public.marks VALUES ('', '1000/FO/V1/PCC 1000 FO V1/final', 'fc669c0dba4008d666f87838cedaebe2', 'final', 'receipt', 22000000, 22000000);
INSERT INTO public.marks VALUES ('', '1000/FO/V1/PCC 1000 FO V1/final', 'fc669c0dba4008d666f87838cedaebe2', 'final', 'issue', 24000000, 24000000);
INSERT INTO public.marks VALUES ('', '1000/FO/V1/PCC 1000 FO V1/final', 'fc669c0dba4008d666f87838cedaebe2', 'final', 'activity', 24000000, 24000000);
INSERT INTO public.marks VALUES ('lot LOT7', '1000/FO/V1/PCC 1000 FO V1/final', 'fc669c0dba4008d666f87838cedaebe2', 'final', 'activity', 2000000, 2000000);


--
-- Data for Name: master_tables; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.master_tables VALUES (0, 6, 1773648000000000, '2fd2956b6361ed867bbe7958c5cd30b8307de3ab729b9a55099c1b1688bdc83d', '\x7b2264657669636573223a5b7b22646576696365223a224331222c22726f6c65223a22676f6f64222c22776569676874223a2232227d2c7b22646576696365223a225331222c22726f6c65223a22676f6f64222c22776569676874223a2231227d2c7b22646576696365223a225031222c22726f6c65223a22676f6f64222c22776569676874223a2231227d2c7b22646576696365223a225032222c22726f6c65223a22676f6f64222c22776569676874223a2231227d2c7b22646576696365223a225733222c22726f6c65223a22676f6f64222c22776569676874223a2231227d2c7b22646576696365223a224339222c22726f6c65223a22676f6f64222c22776569676874223a2231227d5d2c22706c616e7473223a5b7b22706c616e74223a2230227d5d7d', 'anna', '');
INSERT INTO public.master_tables VALUES (0, 56, 1773648030000000, '3c9f35e576dc9ac2acc0b537a9d60e01bd81f56ce72cb2ea6a9cd2be2d05c61a', '\x7b2264657669636573223a5b7b22646576696365223a224331222c22726f6c65223a22676f6f64222c22776569676874223a2232227d2c7b22646576696365223a225331222c22726f6c65223a22676f6f64222c22776569676874223a2231227d2c7b22646576696365223a225031222c22726f6c65223a22676f6f64222c22776569676874223a2231227d2c7b22646576696365223a225032222c22726f6c65223a22676f6f64222c22776569676874223a2231227d2c7b22646576696365223a225733222c22726f6c65223a22676f6f64222c22776569676874223a2231227d2c7b22646576696365223a224339222c22726f6c65223a22676f6f64222c22776569676874223a2231227d5d2c22706c616e7473223a5b7b22706c616e74223a2231227d5d7d', 'anna', '');


--
-- Data for Name: material_items; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.material_items VALUES (1, 1, 'exploded', 'receipt', '131', 'FG', 'FGL', '', '', 10000000, 'PC', -200000000, 'PCC 1000 FG V1', 0);
INSERT INTO public.material_items VALUES (2, 1, 'exploded', 'receipt', '131', 'FG', 'FGL', '', '', 14000000, 'PC', -280000000, 'PCC 1000 FG V1', 0);
INSERT INTO public.material_items VALUES (3, 1, 'exploded', 'receipt', '131', 'FG', 'FGL', '', '', 8000000, 'PC', -160000000, 'PCC 1000 FG V1', 0);
INSERT INTO public.material_items VALUES (5, 1, 'exploded', 'issue', '261', 'A', 'RAW', '', '', -11000000, 'PC', 55000000, 'PCC 1000 FP V1', 0);
INSERT INTO public.material_items VALUES (6, 1, 'exploded', 'receipt', '131', 'FP', 'FGL', '', '', 6000000, 'PC', -120000000, 'PCC 1000 FP V1', 0);
INSERT INTO public.material_items VALUES (6, 2, 'exploded', 'issue', '261', 'B', 'RAW', '', '', -750000, 'KG', 280000, 'PCC 1000 FP V1', 0);
INSERT INTO public.material_items VALUES (7, 1, 'exploded', 'receipt', '131', 'FO', 'FGL', '', '', 18000000, 'PC', -216000000, 'PCC 1000 FO V1', 0);
INSERT INTO public.material_items VALUES (7, 2, 'exploded', 'issue', '261', 'B', 'RAW', '', '', -14000, 'KG', 10000, 'PCC 1000 FO V1', 0);
INSERT INTO public.material_items VALUES (7, 3, 'exploded', 'issue', '261', 'SCARCE', 'TIGHT', '', '', -7000000, 'PC', 14000000, 'PCC 1000 FO V1', 0);
INSERT INTO public.material_items VALUES (7, 5, 'exploded', 'issue', '531', 'A', 'RAW', '', '', 2000000, 'PC', -10000000, 'PCC 1000 FO V1', 0);
INSERT INTO public.material_items VALUES (8, 1, 'exploded', 'receipt', '131', 'FO', 'FGL', '', '', 1000000, 'PC', -12000000, 'PCC 1000 FO V1', 0);
INSERT INTO public.material_items VALUES (8, 2, 'exploded', 'issue', '261', 'B', 'RAW', '', '', -1000, 'KG', 0, 'PCC 1000 FO V1', 0);
INSERT INTO public.material_items VALUES (9, 1, 'exploded', 'receipt', '131', 'FO', 'FGL', '', '', 1000000, 'PC', -12000000, 'PCC 1000 FO V1', 0);
INSERT INTO public.material_items VALUES (10, 1, 'mirror', 'receipt', '132', 'FG', 'FGL', '', '', -4000000, 'PC', 80000000, 'PCC 1000 FG V1', 1);
INSERT INTO public.material_items VALUES (12, 1, 'exploded', 'issue', '261', 'A', 'RAW', '', '', -68000000, 'PC', 340000000, 'PCC 1000 FG V1', 0);
INSERT INTO public.material_items VALUES (12, 2, 'exploded', 'issue', '261', 'B', 'RAW', '', '', -11332000, 'KG', 4190000, 'PCC 1000 FG V1', 0);
INSERT INTO public.material_items VALUES (15, 3, 'mirror', 'issue', '262', 'A', 'RAW', '', '', 12000000, 'PC', -60000000, 'PCC 1000 FG V1', 12);
INSERT INTO public.material_items VALUES (15, 4, 'mirror', 'issue', '262', 'B', 'RAW', '', '', 2000000, 'KG', -740000, 'PCC 1000 FG V1', 12);
INSERT INTO public.material_items VALUES (15, 5, 'mirror', 'receipt', '132', 'FG', 'FGL', '', '', -6000000, 'PC', 120000000, 'PCC 1000 FG V1', 1);
INSERT INTO public.material_items VALUES (16, 1, 'exploded', 'receipt', '131', 'FG', 'FGL', '', '', 10000000, 'PC', -200000000, 'PCC 1000 FG V1', 0);
INSERT INTO public.material_items VALUES (17, 2, 'mirror', 'issue', '262', 'A', 'RAW', '', '', 16000000, 'PC', -80000000, 'PCC 1000 FG V1', 12);
INSERT INTO public.material_items VALUES (17, 3, 'mirror', 'issue', '262', 'B', 'RAW', '', '', 2666000, 'KG', -990000, 'PCC 1000 FG V1', 12);
INSERT INTO public.material_items VALUES (17, 4, 'mirror', 'receipt', '132', 'FG', 'FGL', '', '', -8000000, 'PC', 160000000, 'PCC 1000 FG V1', 3);
INSERT INTO public.material_items VALUES (18, 1, 'exploded', 'receipt', '131', 'FG', 'FGL', '', '', 1000000, 'PC', -20000000, 'PCC 1000 FG V1', 0);
INSERT INTO public.material_items VALUES (19, 1, 'backlog', 'issue', '261', 'SCARCE', 'TIGHT', '', '', -53000000, 'PC', 106000000, 'PCC 1000 FO V1', 0);
INSERT INTO public.material_items VALUES (20, 1, 'exploded', 'receipt', '131', 'FO', 'FGL', 'LOT7', '', 2000000, 'PC', -24000000, 'PCC 1000 FO V1', 0);
INSERT INTO public.material_items VALUES (20, 2, 'exploded', 'issue', '261', 'B', 'RAW', '', '', -2000, 'KG', 0, 'PCC 1000 FO V1', 0);
INSERT INTO public.material_items VALUES (21, 1, 'exploded', 'receipt', '131', 'FP', 'FGL', '', '', 4000000, 'PC', -80000000, 'PCC 1000 FP V1', 0);
INSERT INTO public.material_items VALUES (21, 2, 'exploded', 'issue', '261', 'B', 'RAW', '', '', -500000, 'KG', 180000, 'PCC 1000 FP V1', 0);


--
-- Data for Name: opening_stock; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.opening_stock VALUES ('1000', 'A', 'RAW', '', '', 900000000);
INSERT INTO public.opening_stock VALUES ('1000', 'SCARCE', 'TIGHT', '', '', 60000000);


--
-- Data for Name: order_segments; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.order_segments VALUES ('PO1', 'final', 30000000);
INSERT INTO public.order_segments VALUES ('PO2', 'quantity', 0);
INSERT INTO public.order_segments VALUES ('PO1', 'quantity', 25000000);
INSERT INTO public.order_segments VALUES ('PO2', 'final', 1000000);


--
-- Data for Name: orders; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.orders VALUES ('PO1', '1000', 'FG', 'V1', 'L1', '2026-03-16', '', 30000000, '[]');
INSERT INTO public.orders VALUES ('PO2', '1000', 'FG', 'V1', 'L1', '2026-03-18', '', 100000000, '[]');


--
-- Data for Name: outcomes; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.outcomes VALUES (0, 'state', 1);
INSERT INTO public.outcomes VALUES (0, 'duplicate', 1);
INSERT INTO public.outcomes VALUES (0, 'quarantine', 3);
INSERT INTO public.outcomes VALUES (0, 'settings', 2);
INSERT INTO public.outcomes VALUES (0, 'import', 2);
INSERT INTO public.outcomes VALUES (0, 'request', 8);
INSERT INTO public.outcomes VALUES (0, 'counted', 12);


--
-- Data for Name: periods; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: quarantine; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.quarantine VALUES (3, 20, 'untrusted', 'BF2004', 'total went from 8 to 9000: more than max_step 100 a minute allows', '1000', 'L9', 'C9', 1773648030000000, 0, 0, 'bf/v1/1000/L9/C9/count', '\x7b7d', '{"boot": "", "totals": [["good", 9000, 0]]}', 'open', '');
INSERT INTO public.quarantine VALUES (1, 18, 'unbooked', 'BF3001', 'line 1000/L9 has no production version', '1000', 'L9', 'C9', 1773648030000000, 7000000, 0, 'bf/v1/1000/L9/C9/count', '\x7b7d', '{"scrap": {}, "batch": "", "operation": "", "unit": ""}', 'dismissed', 'anna: test');
INSERT INTO public.quarantine VALUES (2, 19, 'unbooked', 'BF3001', 'line 1000/L9 has no production version', '1000', 'L9', 'C9', 1773648030000000, 1000000, 0, 'bf/v1/1000/L9/C9/count', '\x7b7d', '{"scrap": {}, "batch": "", "operation": "", "unit": ""}', 'replayed', 'by anna, document 0000000018');


--
-- Data for Name: quarantine_folds; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: reductions; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.reductions VALUES (1, 1, 'PO1', 'final', 10000000);
INSERT INTO public.reductions VALUES (1, 2, 'PO1', 'quantity', 10000000);
INSERT INTO public.reductions VALUES (2, 1, 'PO1', 'final', 20000000);
INSERT INTO public.reductions VALUES (2, 2, 'PO1', 'quantity', 14000000);
INSERT INTO public.reductions VALUES (3, 1, 'PO2', 'final', 8000000);
INSERT INTO public.reductions VALUES (3, 2, 'PO1', 'quantity', 6000000);
INSERT INTO public.reductions VALUES (3, 3, 'PO2', 'quantity', 2000000);
INSERT INTO public.reductions VALUES (10, 1, 'PO1', 'final', -4000000);
INSERT INTO public.reductions VALUES (10, 2, 'PO1', 'quantity', -4000000);
INSERT INTO public.reductions VALUES (15, 1, 'PO1', 'final', -6000000);
INSERT INTO public.reductions VALUES (15, 2, 'PO1', 'quantity', -6000000);
INSERT INTO public.reductions VALUES (16, 1, 'PO1', 'final', 10000000);
INSERT INTO public.reductions VALUES (16, 2, 'PO1', 'quantity', 10000000);
INSERT INTO public.reductions VALUES (17, 1, 'PO2', 'final', -8000000);
INSERT INTO public.reductions VALUES (17, 2, 'PO2', 'quantity', -2000000);
INSERT INTO public.reductions VALUES (17, 3, 'PO1', 'quantity', -6000000);
INSERT INTO public.reductions VALUES (18, 1, 'PO2', 'final', 1000000);
INSERT INTO public.reductions VALUES (18, 2, 'PO1', 'quantity', 1000000);


--
-- Data for Name: rules; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.rules VALUES (0, '{"window":"reading","skew":300000000,"late_max":259200000000,"duplicate_window":3000000,"worklist":"demand","base":"bf/v1","requests":["run-start","run-stop","work"],"lines":["*"],"open_names":["*"],"edition":0}');


--
-- Data for Name: runs; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: scans; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.scans VALUES ('S1', 'scan-1', '0843d6ad6e0a675074e3a26965f2dca2', 'ok', 'BF0000', '1 PC', 'FO, L3: 19 today; missing, and kept in the backlog: 3 PC SCARCE', 8, 1000000, 'final', 0, '{"material": "FO", "unit": "PC", "version": "V1", "line": "L3", "kind": "yield", "shift_total": "19"}');
INSERT INTO public.scans VALUES ('S1', 'scan-2', 'f0f3551515798daacb704bd72ba8e2c7', 'ok', 'BF0000', '1 PC', 'FO, L3: 20 today; missing, and kept in the backlog: 3 PC SCARCE', 9, 1000000, 'final', 0, '{"material": "FO", "unit": "PC", "version": "V1", "line": "L3", "kind": "yield", "shift_total": "20"}');


--
-- Data for Name: serials; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: source_names; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: sources; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.sources VALUES (1, 1, 'C1', 4, 4, 1, 10000000, 0, 1773648000000000, 1773648000000000, 0);
INSERT INTO public.sources VALUES (2, 1, 'C1', 5, 5, 1, 14000000, 6000000, 1773648000000000, 1773648000000000, 0);
INSERT INTO public.sources VALUES (3, 1, 'C1', 7, 7, 1, 8000000, 0, 1773648000000000, 1773648000000000, 0);
INSERT INTO public.sources VALUES (4, 1, 'P2', 8, 8, 1, 6000000, 0, 1773648000000000, 1773648000000000, 0);
INSERT INTO public.sources VALUES (5, 1, 'P1', 9, 9, 1, 10000000, 1000000, 1773648000000000, 1773648000000000, 0);
INSERT INTO public.sources VALUES (7, 1, 'W3', 10, 10, 1, 18000000, 2000000, 1773648000000000, 1773648000000000, 0);
INSERT INTO public.sources VALUES (8, 1, 'S1', 11, 11, 1, 1000000, 0, 1773648030000000, 1773648030000000, 0);
INSERT INTO public.sources VALUES (9, 1, 'S1', 12, 12, 1, 1000000, 0, 1773648030000000, 1773648030000000, 0);
INSERT INTO public.sources VALUES (16, 1, 'C1', 16, 16, 1, 10000000, 0, 1773648030000000, 1773648030000000, 0);
INSERT INTO public.sources VALUES (18, 1, 'C9', 19, 19, 1, 1000000, 0, 1773648030000000, 1773648030000000, 0);
INSERT INTO public.sources VALUES (20, 1, '', 26, 26, 1, 2000000, 0, 1773648030000000, 1773648030000000, 0);
INSERT INTO public.sources VALUES (21, 1, 'P2', 27, 27, 1, 7000000, 0, 1773648030000000, 1773648030000000, 0);


--
-- Data for Name: statistics; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.statistics VALUES ('1000', '2026-03-16', '', 'L1', 'FG', 'V1', 'scrap', 'final', 'PC', 2000000);
INSERT INTO public.statistics VALUES ('1000', '2026-03-16', '', 'L1', 'FG', 'V1', 'scrap', 'final DENT', 'PC', 4000000);
INSERT INTO public.statistics VALUES ('1000', '2026-03-16', '', 'L3', 'FO', 'V1', 'yield', 'final', 'PC', 22000000);
INSERT INTO public.statistics VALUES ('1000', '2026-03-16', '', 'L2', 'FP', 'V1', 'activity', 'machine', 'H', 185417);
INSERT INTO public.statistics VALUES ('1000', '2026-03-16', '', 'L2', 'FP', 'V1', 'activity', 'setup', 'H', 500000);
INSERT INTO public.statistics VALUES ('1000', '2026-03-16', '', 'L2', 'FP', 'V1', 'component', 'A', 'PC', 11000000);
INSERT INTO public.statistics VALUES ('1000', '2026-03-16', '', 'L2', 'FP', 'V1', 'scrap', '0010', 'PC', 1000000);
INSERT INTO public.statistics VALUES ('1000', '2026-03-16', '', 'L2', 'FP', 'V1', 'yield', '0010', 'PC', 10000000);
INSERT INTO public.statistics VALUES ('1000', '2026-03-16', '', 'L3', 'FO', 'V1', 'by_product', 'A', 'PC', 2000000);
INSERT INTO public.statistics VALUES ('1000', '2026-03-16', '', 'L3', 'FO', 'V1', 'scrap', 'final', 'PC', 2000000);
INSERT INTO public.statistics VALUES ('1000', '2026-03-16', '', 'L2', 'FP', 'V1', 'component', 'B', 'KG', 1250000);
INSERT INTO public.statistics VALUES ('1000', '2026-03-16', '', 'L2', 'FP', 'V1', 'yield', 'final', 'PC', 10000000);
INSERT INTO public.statistics VALUES ('1000', '2026-03-16', '', 'L1', 'FG', 'V1', 'activity', 'setup', 'H', 0);
INSERT INTO public.statistics VALUES ('1000', '2026-03-16', '', 'L1', 'FG', 'V1', 'activity', 'machine', 'H', 250000);
INSERT INTO public.statistics VALUES ('1000', '2026-03-16', '', 'L1', 'FG', 'V1', 'component', 'A', 'PC', 40000000);
INSERT INTO public.statistics VALUES ('1000', '2026-03-16', '', 'L1', 'FG', 'V1', 'component', 'B', 'KG', 6666000);
INSERT INTO public.statistics VALUES ('1000', '2026-03-16', '', 'L1', 'FG', 'V1', 'component', 'SCARCE', 'PC', 20000000);
INSERT INTO public.statistics VALUES ('1000', '2026-03-16', '', 'L1', 'FG', 'V1', 'yield', 'final', 'PC', 24000000);
INSERT INTO public.statistics VALUES ('1000', '2026-03-16', '', 'L9', 'FG', 'V1', 'yield', 'final', 'PC', 1000000);
INSERT INTO public.statistics VALUES ('1000', '2026-03-16', '', 'L3', 'FO', 'V1', 'activity', 'machine', 'H', 300000);
INSERT INTO public.statistics VALUES ('1000', '2026-03-16', '', 'L3', 'FO', 'V1', 'activity', 'setup', 'H', 1000000);
INSERT INTO public.statistics VALUES ('1000', '2026-03-16', '', 'L3', 'FO', 'V1', 'component', 'B', 'KG', 17000);
INSERT INTO public.statistics VALUES ('1000', '2026-03-16', '', 'L3', 'FO', 'V1', 'component', 'SCARCE', 'PC', 72000000);


--
-- Data for Name: stock; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.stock VALUES ('1000', 'FO', 'FGL', '', '', 20000000);
INSERT INTO public.stock VALUES ('1000', 'A', 'RAW', '', '', 851000000);
INSERT INTO public.stock VALUES ('1000', 'FG', 'FGL', '', '', 25000000);
INSERT INTO public.stock VALUES ('1000', 'SCARCE', 'TIGHT', '', '', 0);
INSERT INTO public.stock VALUES ('1000', 'FO', 'FGL', 'LOT7', '', 2000000);
INSERT INTO public.stock VALUES ('1000', 'B', 'RAW', '', '', -7933000);
INSERT INTO public.stock VALUES ('1000', 'FP', 'FGL', '', '', 10000000);


--
-- Data for Name: waiting; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.waiting VALUES ('1000/FP/V1/PCC 1000 FP V1/0010-final', 'final', 21, '1000', 'L2', 'c0783e4183a810e4d6d333ba6a2c14a0', '2026-03-16', '', '', '', '[]', 3000000, '{}', 0);


--
-- Data for Name: windows; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.windows VALUES ('1000/FO/V1/PCC 1000 FO V1/final', 'final', 'fc669c0dba4008d666f87838cedaebe2', '2026-03-16', '', '', 'L3', 'timed', '1000', 1773648060000000, 0, 3000000, '{}', 0, '{"W3":[28,1773648030000000,28,1773648030000000,1,3000000,0,0]}');


--
-- Data for Name: worklist_rows; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.worklist_rows VALUES (2, 'receipt', 'final', 'e066f46538eab046aa6a4c59688d392d', '', '1000/FG/V1/PCC 1000 FG V1/final', 14000000, '1000', 'L1', '2026-03-16', '2026-03-16', '', 'online', 0, 'posted', 10000000, 2, 0);
INSERT INTO public.worklist_rows VALUES (5, 'issue', '0010', 'c0783e4183a810e4d6d333ba6a2c14a0', '', '1000/FP/V1/PCC 1000 FP V1/0010-final', 11000000, '1000', 'L2', '2026-03-16', '2026-03-16', '', 'online', 0, 'posted', 0, 5, 0);
INSERT INTO public.worklist_rows VALUES (5, 'activity', '0010', 'c0783e4183a810e4d6d333ba6a2c14a0', '', '1000/FP/V1/PCC 1000 FP V1/0010-final', 11000000, '1000', 'L2', '2026-03-16', '2026-03-16', '', 'online', 0, 'posted', 0, 5, 0);
INSERT INTO public.worklist_rows VALUES (6, 'receipt', 'final', 'c0783e4183a810e4d6d333ba6a2c14a0', '', '1000/FP/V1/PCC 1000 FP V1/0010-final', 6000000, '1000', 'L2', '2026-03-16', '2026-03-16', '', 'online', 0, 'posted', 0, 6, 0);
INSERT INTO public.worklist_rows VALUES (6, 'issue', 'final', 'c0783e4183a810e4d6d333ba6a2c14a0', '', '1000/FP/V1/PCC 1000 FP V1/0010-final', 6000000, '1000', 'L2', '2026-03-16', '2026-03-16', '', 'online', 0, 'posted', 0, 6, 0);
INSERT INTO public.worklist_rows VALUES (6, 'activity', 'final', 'c0783e4183a810e4d6d333ba6a2c14a0', '', '1000/FP/V1/PCC 1000 FP V1/0010-final', 6000000, '1000', 'L2', '2026-03-16', '2026-03-16', '', 'online', 0, 'posted', 0, 6, 0);
INSERT INTO public.worklist_rows VALUES (6, 'activity', 'final', 'c0783e4183a810e4d6d333ba6a2c14a0', 'shift 2026-03-16', '1000/FP/V1/PCC 1000 FP V1/0010-final', 6000000, '1000', 'L2', '2026-03-16', '2026-03-16', '', 'online', 0, 'posted', 0, 6, 0);
INSERT INTO public.worklist_rows VALUES (7, 'receipt', 'final', 'fc669c0dba4008d666f87838cedaebe2', '', '1000/FO/V1/PCC 1000 FO V1/final', 18000000, '1000', 'L3', '2026-03-16', '2026-03-16', '', 'online', 0, 'posted', 0, 7, 0);
INSERT INTO public.worklist_rows VALUES (7, 'issue', 'final', 'fc669c0dba4008d666f87838cedaebe2', '', '1000/FO/V1/PCC 1000 FO V1/final', 20000000, '1000', 'L3', '2026-03-16', '2026-03-16', '', 'online', 0, 'posted', 0, 7, 0);
INSERT INTO public.worklist_rows VALUES (7, 'activity', 'final', 'fc669c0dba4008d666f87838cedaebe2', '', '1000/FO/V1/PCC 1000 FO V1/final', 20000000, '1000', 'L3', '2026-03-16', '2026-03-16', '', 'online', 0, 'posted', 0, 7, 0);
INSERT INTO public.worklist_rows VALUES (7, 'activity', 'final', 'fc669c0dba4008d666f87838cedaebe2', 'shift 2026-03-16', '1000/FO/V1/PCC 1000 FO V1/final', 20000000, '1000', 'L3', '2026-03-16', '2026-03-16', '', 'online', 0, 'posted', 0, 7, 0);
INSERT INTO public.worklist_rows VALUES (8, 'receipt', 'final', 'fc669c0dba4008d666f87838cedaebe2', '', '1000/FO/V1/PCC 1000 FO V1/final', 1000000, '1000', 'L3', '2026-03-16', '2026-03-16', '', 'online', 0, 'posted', 18000000, 8, 0);
INSERT INTO public.worklist_rows VALUES (8, 'issue', 'final', 'fc669c0dba4008d666f87838cedaebe2', '', '1000/FO/V1/PCC 1000 FO V1/final', 1000000, '1000', 'L3', '2026-03-16', '2026-03-16', '', 'online', 0, 'posted', 20000000, 8, 0);
INSERT INTO public.worklist_rows VALUES (8, 'activity', 'final', 'fc669c0dba4008d666f87838cedaebe2', '', '1000/FO/V1/PCC 1000 FO V1/final', 1000000, '1000', 'L3', '2026-03-16', '2026-03-16', '', 'online', 0, 'posted', 20000000, 8, 0);
INSERT INTO public.worklist_rows VALUES (8, 'activity', 'final', 'fc669c0dba4008d666f87838cedaebe2', 'shift 2026-03-16', '1000/FO/V1/PCC 1000 FO V1/final', 1000000, '1000', 'L3', '2026-03-16', '2026-03-16', '', 'online', 0, 'posted', 20000000, 8, 0);
INSERT INTO public.worklist_rows VALUES (9, 'receipt', 'final', 'fc669c0dba4008d666f87838cedaebe2', '', '1000/FO/V1/PCC 1000 FO V1/final', 1000000, '1000', 'L3', '2026-03-16', '2026-03-16', '', 'online', 0, 'posted', 19000000, 9, 0);
INSERT INTO public.worklist_rows VALUES (9, 'issue', 'final', 'fc669c0dba4008d666f87838cedaebe2', '', '1000/FO/V1/PCC 1000 FO V1/final', 1000000, '1000', 'L3', '2026-03-16', '2026-03-16', '', 'online', 0, 'posted', 21000000, 9, 0);
INSERT INTO public.worklist_rows VALUES (9, 'activity', 'final', 'fc669c0dba4008d666f87838cedaebe2', '', '1000/FO/V1/PCC 1000 FO V1/final', 1000000, '1000', 'L3', '2026-03-16', '2026-03-16', '', 'online', 0, 'posted', 21000000, 9, 0);
INSERT INTO public.worklist_rows VALUES (9, 'activity', 'final', 'fc669c0dba4008d666f87838cedaebe2', 'shift 2026-03-16', '1000/FO/V1/PCC 1000 FO V1/final', 1000000, '1000', 'L3', '2026-03-16', '2026-03-16', '', 'online', 0, 'posted', 21000000, 9, 0);
INSERT INTO public.worklist_rows VALUES (1, 'activity', 'final', 'e066f46538eab046aa6a4c59688d392d', '', '1000/FG/V1/PCC 1000 FG V1/final', 6000000, '1000', 'L1', '2026-03-16', '2026-03-16', '', 'background', 0, 'posted', 0, 11, 6000000);
INSERT INTO public.worklist_rows VALUES (1, 'activity', 'final', 'e066f46538eab046aa6a4c59688d392d', 'shift 2026-03-16', '1000/FG/V1/PCC 1000 FG V1/final', 6000000, '1000', 'L1', '2026-03-16', '2026-03-16', '', 'background', 0, 'posted', 0, 11, 6000000);
INSERT INTO public.worklist_rows VALUES (1, 'issue', 'final', 'e066f46538eab046aa6a4c59688d392d', '', '1000/FG/V1/PCC 1000 FG V1/final', 6000000, '1000', 'L1', '2026-03-16', '2026-03-16', '', 'background', 1, 'posted', 0, 12, 6000000);
INSERT INTO public.worklist_rows VALUES (2, 'activity', 'final', 'e066f46538eab046aa6a4c59688d392d', '', '1000/FG/V1/PCC 1000 FG V1/final', 20000000, '1000', 'L1', '2026-03-16', '2026-03-16', '', 'background', 0, 'posted', 6000000, 13, 0);
INSERT INTO public.worklist_rows VALUES (2, 'activity', 'final', 'e066f46538eab046aa6a4c59688d392d', 'shift 2026-03-16', '1000/FG/V1/PCC 1000 FG V1/final', 20000000, '1000', 'L1', '2026-03-16', '2026-03-16', '', 'background', 0, 'posted', 6000000, 13, 0);
INSERT INTO public.worklist_rows VALUES (2, 'issue', 'final', 'e066f46538eab046aa6a4c59688d392d', '', '1000/FG/V1/PCC 1000 FG V1/final', 20000000, '1000', 'L1', '2026-03-16', '2026-03-16', '', 'background', 1, 'posted', 6000000, 12, 0);
INSERT INTO public.worklist_rows VALUES (1, 'receipt', 'final', 'e066f46538eab046aa6a4c59688d392d', '', '1000/FG/V1/PCC 1000 FG V1/final', 10000000, '1000', 'L1', '2026-03-16', '2026-03-16', '', 'online', 0, 'posted', 0, 1, 10000000);
INSERT INTO public.worklist_rows VALUES (3, 'activity', 'final', 'e066f46538eab046aa6a4c59688d392d', '', '1000/FG/V1/PCC 1000 FG V1/final', 8000000, '1000', 'L1', '2026-03-16', '2026-03-16', '', 'background', 0, 'posted', 26000000, 14, 8000000);
INSERT INTO public.worklist_rows VALUES (3, 'receipt', 'final', 'e066f46538eab046aa6a4c59688d392d', '', '1000/FG/V1/PCC 1000 FG V1/final', 8000000, '1000', 'L1', '2026-03-16', '2026-03-16', '', 'online', 0, 'posted', 24000000, 3, 8000000);
INSERT INTO public.worklist_rows VALUES (16, 'receipt', 'final', 'e066f46538eab046aa6a4c59688d392d', '', '1000/FG/V1/PCC 1000 FG V1/final', 10000000, '1000', 'L1', '2026-03-16', '2026-03-16', '', 'online', 0, 'posted', 32000000, 16, 0);
INSERT INTO public.worklist_rows VALUES (16, 'issue', 'final', 'e066f46538eab046aa6a4c59688d392d', '', '1000/FG/V1/PCC 1000 FG V1/final', 10000000, '1000', 'L1', '2026-03-16', '2026-03-16', '', 'background', 1, 'open', 0, 0, 0);
INSERT INTO public.worklist_rows VALUES (16, 'activity', 'final', 'e066f46538eab046aa6a4c59688d392d', '', '1000/FG/V1/PCC 1000 FG V1/final', 10000000, '1000', 'L1', '2026-03-16', '2026-03-16', '', 'background', 0, 'open', 0, 0, 0);
INSERT INTO public.worklist_rows VALUES (16, 'activity', 'final', 'e066f46538eab046aa6a4c59688d392d', 'shift 2026-03-16', '1000/FG/V1/PCC 1000 FG V1/final', 10000000, '1000', 'L1', '2026-03-16', '2026-03-16', '', 'background', 0, 'open', 0, 0, 0);
INSERT INTO public.worklist_rows VALUES (3, 'activity', 'final', 'e066f46538eab046aa6a4c59688d392d', 'shift 2026-03-16', '1000/FG/V1/PCC 1000 FG V1/final', 8000000, '1000', 'L1', '2026-03-16', '2026-03-16', '', 'background', 0, 'posted', 26000000, 14, 8000000);
INSERT INTO public.worklist_rows VALUES (3, 'issue', 'final', 'e066f46538eab046aa6a4c59688d392d', '', '1000/FG/V1/PCC 1000 FG V1/final', 8000000, '1000', 'L1', '2026-03-16', '2026-03-16', '', 'background', 1, 'posted', 26000000, 12, 8000000);
INSERT INTO public.worklist_rows VALUES (18, 'receipt', 'final', 'e066f46538eab046aa6a4c59688d392d', '', '1000/FG/V1/PCC 1000 FG V1/final', 1000000, '1000', 'L9', '2026-03-16', '2026-03-16', '', 'online', 0, 'posted', 42000000, 18, 0);
INSERT INTO public.worklist_rows VALUES (18, 'issue', 'final', 'e066f46538eab046aa6a4c59688d392d', '', '1000/FG/V1/PCC 1000 FG V1/final', 1000000, '1000', 'L9', '2026-03-16', '2026-03-16', '', 'background', 1, 'open', 0, 0, 0);
INSERT INTO public.worklist_rows VALUES (18, 'activity', 'final', 'e066f46538eab046aa6a4c59688d392d', '', '1000/FG/V1/PCC 1000 FG V1/final', 1000000, '1000', 'L9', '2026-03-16', '2026-03-16', '', 'background', 0, 'open', 0, 0, 0);
INSERT INTO public.worklist_rows VALUES (18, 'activity', 'final', 'e066f46538eab046aa6a4c59688d392d', 'shift 2026-03-16', '1000/FG/V1/PCC 1000 FG V1/final', 1000000, '1000', 'L9', '2026-03-16', '2026-03-16', '', 'background', 0, 'open', 0, 0, 0);
INSERT INTO public.worklist_rows VALUES (20, 'receipt', 'final', 'fc669c0dba4008d666f87838cedaebe2', '', '1000/FO/V1/PCC 1000 FO V1/final', 2000000, '1000', 'L3', '2026-03-16', '2026-03-16', '', 'online', 0, 'posted', 20000000, 20, 0);
INSERT INTO public.worklist_rows VALUES (20, 'issue', 'final', 'fc669c0dba4008d666f87838cedaebe2', '', '1000/FO/V1/PCC 1000 FO V1/final', 2000000, '1000', 'L3', '2026-03-16', '2026-03-16', '', 'online', 0, 'posted', 22000000, 20, 0);
INSERT INTO public.worklist_rows VALUES (20, 'activity', 'final', 'fc669c0dba4008d666f87838cedaebe2', '', '1000/FO/V1/PCC 1000 FO V1/final', 2000000, '1000', 'L3', '2026-03-16', '2026-03-16', '', 'online', 0, 'posted', 22000000, 20, 0);
INSERT INTO public.worklist_rows VALUES (20, 'activity', 'final', 'fc669c0dba4008d666f87838cedaebe2', 'lot LOT7', '1000/FO/V1/PCC 1000 FO V1/final', 2000000, '1000', 'L3', '2026-03-16', '2026-03-16', '', 'online', 0, 'posted', 0, 20, 0);
INSERT INTO public.worklist_rows VALUES (21, 'receipt', 'final', 'c0783e4183a810e4d6d333ba6a2c14a0', '', '1000/FP/V1/PCC 1000 FP V1/0010-final', 4000000, '1000', 'L2', '2026-03-16', '2026-03-16', '', 'online', 0, 'posted', 6000000, 21, 0);
INSERT INTO public.worklist_rows VALUES (21, 'issue', 'final', 'c0783e4183a810e4d6d333ba6a2c14a0', '', '1000/FP/V1/PCC 1000 FP V1/0010-final', 4000000, '1000', 'L2', '2026-03-16', '2026-03-16', '', 'online', 0, 'posted', 6000000, 21, 0);
INSERT INTO public.worklist_rows VALUES (21, 'activity', 'final', 'c0783e4183a810e4d6d333ba6a2c14a0', '', '1000/FP/V1/PCC 1000 FP V1/0010-final', 4000000, '1000', 'L2', '2026-03-16', '2026-03-16', '', 'online', 0, 'posted', 6000000, 21, 0);
INSERT INTO public.worklist_rows VALUES (21, 'activity', 'final', 'c0783e4183a810e4d6d333ba6a2c14a0', 'shift 2026-03-16', '1000/FP/V1/PCC 1000 FP V1/0010-final', 4000000, '1000', 'L2', '2026-03-16', '2026-03-16', '', 'online', 0, 'posted', 6000000, 21, 0);


--
-- Name: accounts accounts_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_pkey PRIMARY KEY (scope, flow, segment, process, sign, object, place);


--
-- Name: activity_items activity_items_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.activity_items
    ADD CONSTRAINT activity_items_pkey PRIMARY KEY (document, item);


--
-- Name: alembic_version alembic_version_pkc; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);


--
-- Name: backlog backlog_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.backlog
    ADD CONSTRAINT backlog_pkey PRIMARY KEY (document, item);


--
-- Name: batches batches_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.batches
    ADD CONSTRAINT batches_pkey PRIMARY KEY (head, sequence);


--
-- Name: collectors collectors_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.collectors
    ADD CONSTRAINT collectors_pkey PRIMARY KEY (plant, cost_object, period, element, detail);


--
-- Name: commands commands_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.commands
    ADD CONSTRAINT commands_pkey PRIMARY KEY (command);


--
-- Name: confirmations confirmations_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.confirmations
    ADD CONSTRAINT confirmations_pkey PRIMARY KEY (document, "position");


--
-- Name: contexts contexts_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.contexts
    ADD CONSTRAINT contexts_pkey PRIMARY KEY (device);


--
-- Name: cursors cursors_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.cursors
    ADD CONSTRAINT cursors_pkey PRIMARY KEY (head, target);


--
-- Name: device_marks device_marks_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.device_marks
    ADD CONSTRAINT device_marks_pkey PRIMARY KEY (device, boot, kind);


--
-- Name: device_states device_states_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.device_states
    ADD CONSTRAINT device_states_pkey PRIMARY KEY (device);


--
-- Name: documents documents_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.documents
    ADD CONSTRAINT documents_pkey PRIMARY KEY (number);


--
-- Name: edge_nodes edge_nodes_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.edge_nodes
    ADD CONSTRAINT edge_nodes_pkey PRIMARY KEY (head, node);


--
-- Name: explosions explosions_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.explosions
    ADD CONSTRAINT explosions_pkey PRIMARY KEY (id);


--
-- Name: flow_segments flow_segments_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.flow_segments
    ADD CONSTRAINT flow_segments_pkey PRIMARY KEY (flow, "position");


--
-- Name: flows flows_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.flows
    ADD CONSTRAINT flows_pkey PRIMARY KEY (id);


--
-- Name: heads heads_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.heads
    ADD CONSTRAINT heads_pkey PRIMARY KEY (ordinal);


--
-- Name: holds holds_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.holds
    ADD CONSTRAINT holds_pkey PRIMARY KEY (plant, line, process);


--
-- Name: last_scans last_scans_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.last_scans
    ADD CONSTRAINT last_scans_pkey PRIMARY KEY (device);


--
-- Name: leases leases_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.leases
    ADD CONSTRAINT leases_pkey PRIMARY KEY (head, pattern);


--
-- Name: lines lines_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.lines
    ADD CONSTRAINT lines_pkey PRIMARY KEY (plant, line);


--
-- Name: marks marks_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.marks
    ADD CONSTRAINT marks_pkey PRIMARY KEY (scope, flow, explosion, segment, process);


--
-- Name: master_tables master_tables_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.master_tables
    ADD CONSTRAINT master_tables_pkey PRIMARY KEY (head, sequence);


--
-- Name: material_items material_items_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.material_items
    ADD CONSTRAINT material_items_pkey PRIMARY KEY (document, item);


--
-- Name: opening_stock opening_stock_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.opening_stock
    ADD CONSTRAINT opening_stock_pkey PRIMARY KEY (plant, material, location, batch, stock_type);


--
-- Name: order_segments order_segments_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.order_segments
    ADD CONSTRAINT order_segments_pkey PRIMARY KEY (planned_order, segment);


--
-- Name: orders orders_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.orders
    ADD CONSTRAINT orders_pkey PRIMARY KEY (planned_order);


--
-- Name: outcomes outcomes_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.outcomes
    ADD CONSTRAINT outcomes_pkey PRIMARY KEY (head, outcome);


--
-- Name: periods periods_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.periods
    ADD CONSTRAINT periods_pkey PRIMARY KEY (plant, period);


--
-- Name: quarantine_folds quarantine_folds_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.quarantine_folds
    ADD CONSTRAINT quarantine_folds_pkey PRIMARY KEY (number);


--
-- Name: quarantine quarantine_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.quarantine
    ADD CONSTRAINT quarantine_pkey PRIMARY KEY (number);


--
-- Name: reductions reductions_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.reductions
    ADD CONSTRAINT reductions_pkey PRIMARY KEY (document, "position");


--
-- Name: rules rules_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.rules
    ADD CONSTRAINT rules_pkey PRIMARY KEY (head);


--
-- Name: runs runs_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.runs
    ADD CONSTRAINT runs_pkey PRIMARY KEY (plant, line, start_at);


--
-- Name: scans scans_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.scans
    ADD CONSTRAINT scans_pkey PRIMARY KEY (device, scan);


--
-- Name: serials serials_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.serials
    ADD CONSTRAINT serials_pkey PRIMARY KEY (serial);


--
-- Name: source_names source_names_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.source_names
    ADD CONSTRAINT source_names_pkey PRIMARY KEY (head, decoder, scope);


--
-- Name: sources sources_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.sources
    ADD CONSTRAINT sources_pkey PRIMARY KEY (document, "position");


--
-- Name: statistics statistics_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.statistics
    ADD CONSTRAINT statistics_pkey PRIMARY KEY (plant, date, shift, line, material, version, measure, detail, unit);


--
-- Name: stock stock_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.stock
    ADD CONSTRAINT stock_pkey PRIMARY KEY (plant, material, location, batch, stock_type);


--
-- Name: waiting waiting_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.waiting
    ADD CONSTRAINT waiting_pkey PRIMARY KEY (flow, point, document);


--
-- Name: windows windows_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.windows
    ADD CONSTRAINT windows_pkey PRIMARY KEY (flow, point, explosion, production_date, shift, batch, line, policy);


--
-- Name: worklist_rows worklist_rows_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.worklist_rows
    ADD CONSTRAINT worklist_rows_pkey PRIMARY KEY (document, process, segment, explosion, scope, flow);


--
-- Name: backlog_open; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX backlog_open ON public.backlog USING btree (plant, line, material, created_at) WHERE (required > (issued + closed));


--
-- Name: documents_backlog; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX documents_backlog ON public.documents USING btree (reference) WHERE (type = 'backlog'::text);


--
-- Name: documents_caused_by; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX documents_caused_by ON public.documents USING btree (caused_by) WHERE (caused_by <> 0);


--
-- Name: documents_entered_at; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX documents_entered_at ON public.documents USING btree (entered_at);


--
-- Name: documents_flow; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX documents_flow ON public.documents USING btree (flow, number);


--
-- Name: documents_line; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX documents_line ON public.documents USING btree (plant, line, entered_at, number);


--
-- Name: documents_reverses; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX documents_reverses ON public.documents USING btree (reverses) WHERE (reverses <> 0);


--
-- Name: flows_cost_object; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX flows_cost_object ON public.flows USING btree (cost_object, plant);


--
-- Name: heads_gateway_journal; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX heads_gateway_journal ON public.heads USING btree (gateway, journal);


--
-- Name: material_items_mirrors; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX material_items_mirrors ON public.material_items USING btree (mirrors) WHERE (mirrors <> 0);


--
-- Name: orders_start_date; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX orders_start_date ON public.orders USING btree (start_date, planned_order);


--
-- Name: quarantine_open; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX quarantine_open ON public.quarantine USING btree (device) WHERE (state = 'open'::text);


--
-- Name: quarantine_state; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX quarantine_state ON public.quarantine USING btree (state, number);


--
-- Name: reductions_planned_order; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX reductions_planned_order ON public.reductions USING btree (planned_order);


--
-- Name: runs_start_at; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX runs_start_at ON public.runs USING btree (start_at);


--
-- Name: serials_document; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX serials_document ON public.serials USING btree (document);


--
-- Name: sources_device; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX sources_device ON public.sources USING btree (device, document);


--
-- Name: worklist_rows_open; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX worklist_rows_open ON public.worklist_rows USING btree (plant, line, posting_date, document) WHERE (state = 'open'::text);


--
-- Name: worklist_rows_posted_by; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX worklist_rows_posted_by ON public.worklist_rows USING btree (posted_by) WHERE ((posted_by <> 0) AND (posted_by <> document));


--
-- Name: accounts accounts_no_delete; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER accounts_no_delete BEFORE DELETE ON public.accounts FOR EACH ROW EXECUTE FUNCTION public.refuse();


--
-- Name: accounts accounts_no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER accounts_no_truncate BEFORE TRUNCATE ON public.accounts FOR EACH STATEMENT EXECUTE FUNCTION public.refuse();


--
-- Name: activity_items activity_items_no_delete; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER activity_items_no_delete BEFORE DELETE ON public.activity_items FOR EACH ROW EXECUTE FUNCTION public.refuse();


--
-- Name: activity_items activity_items_no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER activity_items_no_truncate BEFORE TRUNCATE ON public.activity_items FOR EACH STATEMENT EXECUTE FUNCTION public.refuse();


--
-- Name: activity_items activity_items_no_update; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER activity_items_no_update BEFORE UPDATE ON public.activity_items FOR EACH ROW EXECUTE FUNCTION public.refuse();


--
-- Name: backlog backlog_no_delete; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER backlog_no_delete BEFORE DELETE ON public.backlog FOR EACH ROW EXECUTE FUNCTION public.refuse();


--
-- Name: backlog backlog_no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER backlog_no_truncate BEFORE TRUNCATE ON public.backlog FOR EACH STATEMENT EXECUTE FUNCTION public.refuse();


--
-- Name: batches batches_no_delete; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER batches_no_delete BEFORE DELETE ON public.batches FOR EACH ROW EXECUTE FUNCTION public.refuse();


--
-- Name: batches batches_no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER batches_no_truncate BEFORE TRUNCATE ON public.batches FOR EACH STATEMENT EXECUTE FUNCTION public.refuse();


--
-- Name: batches batches_no_update; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER batches_no_update BEFORE UPDATE ON public.batches FOR EACH ROW EXECUTE FUNCTION public.refuse();


--
-- Name: collectors collectors_no_delete; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER collectors_no_delete BEFORE DELETE ON public.collectors FOR EACH ROW EXECUTE FUNCTION public.refuse();


--
-- Name: collectors collectors_no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER collectors_no_truncate BEFORE TRUNCATE ON public.collectors FOR EACH STATEMENT EXECUTE FUNCTION public.refuse();


--
-- Name: commands commands_no_delete; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER commands_no_delete BEFORE DELETE ON public.commands FOR EACH ROW EXECUTE FUNCTION public.refuse();


--
-- Name: commands commands_no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER commands_no_truncate BEFORE TRUNCATE ON public.commands FOR EACH STATEMENT EXECUTE FUNCTION public.refuse();


--
-- Name: commands commands_no_update; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER commands_no_update BEFORE UPDATE ON public.commands FOR EACH ROW EXECUTE FUNCTION public.refuse();


--
-- Name: confirmations confirmations_no_delete; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER confirmations_no_delete BEFORE DELETE ON public.confirmations FOR EACH ROW EXECUTE FUNCTION public.refuse();


--
-- Name: confirmations confirmations_no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER confirmations_no_truncate BEFORE TRUNCATE ON public.confirmations FOR EACH STATEMENT EXECUTE FUNCTION public.refuse();


--
-- Name: confirmations confirmations_no_update; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER confirmations_no_update BEFORE UPDATE ON public.confirmations FOR EACH ROW EXECUTE FUNCTION public.refuse();


--
-- Name: device_marks device_marks_no_delete; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER device_marks_no_delete BEFORE DELETE ON public.device_marks FOR EACH ROW EXECUTE FUNCTION public.refuse();


--
-- Name: device_marks device_marks_no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER device_marks_no_truncate BEFORE TRUNCATE ON public.device_marks FOR EACH STATEMENT EXECUTE FUNCTION public.refuse();


--
-- Name: documents documents_no_delete; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER documents_no_delete BEFORE DELETE ON public.documents FOR EACH ROW EXECUTE FUNCTION public.refuse();


--
-- Name: documents documents_no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER documents_no_truncate BEFORE TRUNCATE ON public.documents FOR EACH STATEMENT EXECUTE FUNCTION public.refuse();


--
-- Name: documents documents_no_update; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER documents_no_update BEFORE UPDATE ON public.documents FOR EACH ROW EXECUTE FUNCTION public.refuse();


--
-- Name: explosions explosions_no_delete; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER explosions_no_delete BEFORE DELETE ON public.explosions FOR EACH ROW EXECUTE FUNCTION public.refuse();


--
-- Name: explosions explosions_no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER explosions_no_truncate BEFORE TRUNCATE ON public.explosions FOR EACH STATEMENT EXECUTE FUNCTION public.refuse();


--
-- Name: explosions explosions_no_update; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER explosions_no_update BEFORE UPDATE ON public.explosions FOR EACH ROW EXECUTE FUNCTION public.refuse();


--
-- Name: flow_segments flow_segments_no_delete; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER flow_segments_no_delete BEFORE DELETE ON public.flow_segments FOR EACH ROW EXECUTE FUNCTION public.refuse();


--
-- Name: flow_segments flow_segments_no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER flow_segments_no_truncate BEFORE TRUNCATE ON public.flow_segments FOR EACH STATEMENT EXECUTE FUNCTION public.refuse();


--
-- Name: flows flows_no_delete; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER flows_no_delete BEFORE DELETE ON public.flows FOR EACH ROW EXECUTE FUNCTION public.refuse();


--
-- Name: flows flows_no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER flows_no_truncate BEFORE TRUNCATE ON public.flows FOR EACH STATEMENT EXECUTE FUNCTION public.refuse();


--
-- Name: heads heads_no_delete; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER heads_no_delete BEFORE DELETE ON public.heads FOR EACH ROW EXECUTE FUNCTION public.refuse();


--
-- Name: heads heads_no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER heads_no_truncate BEFORE TRUNCATE ON public.heads FOR EACH STATEMENT EXECUTE FUNCTION public.refuse();


--
-- Name: holds holds_no_delete; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER holds_no_delete BEFORE DELETE ON public.holds FOR EACH ROW EXECUTE FUNCTION public.refuse();


--
-- Name: holds holds_no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER holds_no_truncate BEFORE TRUNCATE ON public.holds FOR EACH STATEMENT EXECUTE FUNCTION public.refuse();


--
-- Name: lines lines_no_delete; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER lines_no_delete BEFORE DELETE ON public.lines FOR EACH ROW EXECUTE FUNCTION public.refuse();


--
-- Name: lines lines_no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER lines_no_truncate BEFORE TRUNCATE ON public.lines FOR EACH STATEMENT EXECUTE FUNCTION public.refuse();


--
-- Name: marks marks_no_delete; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER marks_no_delete BEFORE DELETE ON public.marks FOR EACH ROW EXECUTE FUNCTION public.refuse();


--
-- Name: marks marks_no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER marks_no_truncate BEFORE TRUNCATE ON public.marks FOR EACH STATEMENT EXECUTE FUNCTION public.refuse();


--
-- Name: master_tables master_tables_no_delete; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER master_tables_no_delete BEFORE DELETE ON public.master_tables FOR EACH ROW EXECUTE FUNCTION public.refuse();


--
-- Name: master_tables master_tables_no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER master_tables_no_truncate BEFORE TRUNCATE ON public.master_tables FOR EACH STATEMENT EXECUTE FUNCTION public.refuse();


--
-- Name: master_tables master_tables_no_update; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER master_tables_no_update BEFORE UPDATE ON public.master_tables FOR EACH ROW EXECUTE FUNCTION public.refuse();


--
-- Name: material_items material_items_no_delete; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER material_items_no_delete BEFORE DELETE ON public.material_items FOR EACH ROW EXECUTE FUNCTION public.refuse();


--
-- Name: material_items material_items_no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER material_items_no_truncate BEFORE TRUNCATE ON public.material_items FOR EACH STATEMENT EXECUTE FUNCTION public.refuse();


--
-- Name: material_items material_items_no_update; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER material_items_no_update BEFORE UPDATE ON public.material_items FOR EACH ROW EXECUTE FUNCTION public.refuse();


--
-- Name: opening_stock opening_stock_no_delete; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER opening_stock_no_delete BEFORE DELETE ON public.opening_stock FOR EACH ROW EXECUTE FUNCTION public.refuse();


--
-- Name: opening_stock opening_stock_no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER opening_stock_no_truncate BEFORE TRUNCATE ON public.opening_stock FOR EACH STATEMENT EXECUTE FUNCTION public.refuse();


--
-- Name: order_segments order_segments_no_delete; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER order_segments_no_delete BEFORE DELETE ON public.order_segments FOR EACH ROW EXECUTE FUNCTION public.refuse();


--
-- Name: order_segments order_segments_no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER order_segments_no_truncate BEFORE TRUNCATE ON public.order_segments FOR EACH STATEMENT EXECUTE FUNCTION public.refuse();


--
-- Name: orders orders_no_delete; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER orders_no_delete BEFORE DELETE ON public.orders FOR EACH ROW EXECUTE FUNCTION public.refuse();


--
-- Name: orders orders_no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER orders_no_truncate BEFORE TRUNCATE ON public.orders FOR EACH STATEMENT EXECUTE FUNCTION public.refuse();


--
-- Name: outcomes outcomes_no_delete; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER outcomes_no_delete BEFORE DELETE ON public.outcomes FOR EACH ROW EXECUTE FUNCTION public.refuse();


--
-- Name: outcomes outcomes_no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER outcomes_no_truncate BEFORE TRUNCATE ON public.outcomes FOR EACH STATEMENT EXECUTE FUNCTION public.refuse();


--
-- Name: periods periods_no_delete; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER periods_no_delete BEFORE DELETE ON public.periods FOR EACH ROW EXECUTE FUNCTION public.refuse();


--
-- Name: periods periods_no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER periods_no_truncate BEFORE TRUNCATE ON public.periods FOR EACH STATEMENT EXECUTE FUNCTION public.refuse();


--
-- Name: quarantine_folds quarantine_folds_no_delete; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER quarantine_folds_no_delete BEFORE DELETE ON public.quarantine_folds FOR EACH ROW EXECUTE FUNCTION public.refuse();


--
-- Name: quarantine_folds quarantine_folds_no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER quarantine_folds_no_truncate BEFORE TRUNCATE ON public.quarantine_folds FOR EACH STATEMENT EXECUTE FUNCTION public.refuse();


--
-- Name: quarantine quarantine_no_delete; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER quarantine_no_delete BEFORE DELETE ON public.quarantine FOR EACH ROW EXECUTE FUNCTION public.refuse();


--
-- Name: quarantine quarantine_no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER quarantine_no_truncate BEFORE TRUNCATE ON public.quarantine FOR EACH STATEMENT EXECUTE FUNCTION public.refuse();


--
-- Name: quarantine quarantine_no_update; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER quarantine_no_update BEFORE UPDATE OF number, entry, kind, code, text, plant, line, device, at, yield, scrap, topic, payload, content ON public.quarantine FOR EACH ROW EXECUTE FUNCTION public.refuse();


--
-- Name: reductions reductions_no_delete; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER reductions_no_delete BEFORE DELETE ON public.reductions FOR EACH ROW EXECUTE FUNCTION public.refuse();


--
-- Name: reductions reductions_no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER reductions_no_truncate BEFORE TRUNCATE ON public.reductions FOR EACH STATEMENT EXECUTE FUNCTION public.refuse();


--
-- Name: reductions reductions_no_update; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER reductions_no_update BEFORE UPDATE ON public.reductions FOR EACH ROW EXECUTE FUNCTION public.refuse();


--
-- Name: scans scans_no_delete; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER scans_no_delete BEFORE DELETE ON public.scans FOR EACH ROW EXECUTE FUNCTION public.refuse();


--
-- Name: scans scans_no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER scans_no_truncate BEFORE TRUNCATE ON public.scans FOR EACH STATEMENT EXECUTE FUNCTION public.refuse();


--
-- Name: scans scans_no_update; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER scans_no_update BEFORE UPDATE ON public.scans FOR EACH ROW EXECUTE FUNCTION public.refuse();


--
-- Name: serials serials_no_delete; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER serials_no_delete BEFORE DELETE ON public.serials FOR EACH ROW EXECUTE FUNCTION public.refuse();


--
-- Name: serials serials_no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER serials_no_truncate BEFORE TRUNCATE ON public.serials FOR EACH STATEMENT EXECUTE FUNCTION public.refuse();


--
-- Name: sources sources_no_delete; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER sources_no_delete BEFORE DELETE ON public.sources FOR EACH ROW EXECUTE FUNCTION public.refuse();


--
-- Name: sources sources_no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER sources_no_truncate BEFORE TRUNCATE ON public.sources FOR EACH STATEMENT EXECUTE FUNCTION public.refuse();


--
-- Name: sources sources_no_update; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER sources_no_update BEFORE UPDATE ON public.sources FOR EACH ROW EXECUTE FUNCTION public.refuse();


--
-- Name: statistics statistics_no_delete; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER statistics_no_delete BEFORE DELETE ON public.statistics FOR EACH ROW EXECUTE FUNCTION public.refuse();


--
-- Name: statistics statistics_no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER statistics_no_truncate BEFORE TRUNCATE ON public.statistics FOR EACH STATEMENT EXECUTE FUNCTION public.refuse();


--
-- Name: stock stock_no_delete; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER stock_no_delete BEFORE DELETE ON public.stock FOR EACH ROW EXECUTE FUNCTION public.refuse();


--
-- Name: stock stock_no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER stock_no_truncate BEFORE TRUNCATE ON public.stock FOR EACH STATEMENT EXECUTE FUNCTION public.refuse();


--
-- Name: worklist_rows worklist_rows_no_delete; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER worklist_rows_no_delete BEFORE DELETE ON public.worklist_rows FOR EACH ROW EXECUTE FUNCTION public.refuse();


--
-- Name: worklist_rows worklist_rows_no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER worklist_rows_no_truncate BEFORE TRUNCATE ON public.worklist_rows FOR EACH STATEMENT EXECUTE FUNCTION public.refuse();


--
-- Name: batches batches_head_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.batches
    ADD CONSTRAINT batches_head_fkey FOREIGN KEY (head) REFERENCES public.heads(ordinal);


--
-- Name: cursors cursors_head_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.cursors
    ADD CONSTRAINT cursors_head_fkey FOREIGN KEY (head) REFERENCES public.heads(ordinal);


--
-- Name: edge_nodes edge_nodes_head_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.edge_nodes
    ADD CONSTRAINT edge_nodes_head_fkey FOREIGN KEY (head) REFERENCES public.heads(ordinal);


--
-- Name: flow_segments flow_segments_flow_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.flow_segments
    ADD CONSTRAINT flow_segments_flow_fkey FOREIGN KEY (flow) REFERENCES public.flows(id);


--
-- Name: leases leases_head_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.leases
    ADD CONSTRAINT leases_head_fkey FOREIGN KEY (head) REFERENCES public.heads(ordinal);


--
-- Name: master_tables master_tables_head_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.master_tables
    ADD CONSTRAINT master_tables_head_fkey FOREIGN KEY (head) REFERENCES public.heads(ordinal);


--
-- Name: order_segments order_segments_planned_order_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.order_segments
    ADD CONSTRAINT order_segments_planned_order_fkey FOREIGN KEY (planned_order) REFERENCES public.orders(planned_order);


--
-- Name: outcomes outcomes_head_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.outcomes
    ADD CONSTRAINT outcomes_head_fkey FOREIGN KEY (head) REFERENCES public.heads(ordinal);


--
-- Name: quarantine_folds quarantine_folds_number_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.quarantine_folds
    ADD CONSTRAINT quarantine_folds_number_fkey FOREIGN KEY (number) REFERENCES public.quarantine(number);


--
-- Name: rules rules_head_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.rules
    ADD CONSTRAINT rules_head_fkey FOREIGN KEY (head) REFERENCES public.heads(ordinal);


--
-- Name: source_names source_names_head_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.source_names
    ADD CONSTRAINT source_names_head_fkey FOREIGN KEY (head) REFERENCES public.heads(ordinal);


--
-- Name: waiting waiting_flow_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.waiting
    ADD CONSTRAINT waiting_flow_fkey FOREIGN KEY (flow) REFERENCES public.flows(id);


--
-- PostgreSQL database dump complete
--


