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

INSERT INTO public.accounts VALUES ('', '1000/CABLE/0001/PCC 1000 CABLE 0001/final', '', 'receipt', 1, 'CABLE', 'FG01', 12000000, '0/1', '0/1', 0);
INSERT INTO public.accounts VALUES ('', '1000/CABLE/0001/PCC 1000 CABLE 0001/final', '', 'issue', -1, 'PLUG', 'TIGHT', 12000000, '0/1', '0/1', 0);
INSERT INTO public.accounts VALUES ('', '1000/PUMP/0001/PCC 1000 PUMP 0001/final', '', 'receipt', 1, 'PUMP', 'FG01', 85000000, '0/1', '0/1', 0);
INSERT INTO public.accounts VALUES ('', '1000/PUMP/0001/PCC 1000 PUMP 0001/final', '', 'issue', -1, 'RING', 'RM01', 172000000, '0/1', '0/1', 0);
INSERT INTO public.accounts VALUES ('', '1000/PUMP/0001/PCC 1000 PUMP 0001/final', '', 'issue', -1, 'GLUE', 'RM01', 28664000, '-200/1', '-4000/1', 0);
INSERT INTO public.accounts VALUES ('', '1000/PUMP/0001/PCC 1000 PUMP 0001/final', '', 'activity', 1, 'LABOUR', 'W1', 1290000, '0/1', '-5000/1', 0);
INSERT INTO public.accounts VALUES ('', '1000/VALVE/0001/PCC 1000 VALVE 0001/0010-final', '', 'receipt', 1, 'VALVE', 'FG01', 41000000, '0/1', '0/1', 0);


--
-- Data for Name: activity_items; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.activity_items VALUES (3, 1, 'exploded', 'W1', '', 'LABOUR', 15000, 620000, 'PCC 1000 PUMP 0001');
INSERT INTO public.activity_items VALUES (6, 1, 'exploded', 'W1', '', 'LABOUR', 15000, 630000, 'PCC 1000 PUMP 0001');
INSERT INTO public.activity_items VALUES (7, 1, 'mirror', 'W1', '', 'LABOUR', -15000, -620000, 'PCC 1000 PUMP 0001');
INSERT INTO public.activity_items VALUES (18, 1, 'exploded', 'W1', '', 'LABOUR', 45000, 1860000, 'PCC 1000 PUMP 0001');
INSERT INTO public.activity_items VALUES (19, 1, 'exploded', 'W1', '', 'LABOUR', 600000, 24900000, 'PCC 1000 PUMP 0001');
INSERT INTO public.activity_items VALUES (20, 1, 'mirror', 'W1', '', 'LABOUR', -45000, -1860000, 'PCC 1000 PUMP 0001');
INSERT INTO public.activity_items VALUES (24, 1, 'exploded', 'W1', '', 'LABOUR', 600000, 24890000, 'PCC 1000 PUMP 0001');
INSERT INTO public.activity_items VALUES (27, 1, 'exploded', 'W1', '', 'LABOUR', 45000, 1870000, 'PCC 1000 PUMP 0001');
INSERT INTO public.activity_items VALUES (35, 1, 'exploded', 'W1', '', 'LABOUR', 30000, 1250000, 'PCC 1000 PUMP 0001');


--
-- Data for Name: alembic_version; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.alembic_version VALUES ('0003');


--
-- Data for Name: backlog; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.backlog VALUES (26, 2, '1000', 'L03', '261', 'PLUG', 'TIGHT', '', '', 'PC', 1000000, 'BF4002', 'PCC 1000 CABLE 0001', '2026-11-30', '2026-11-30', 1796030397476894, 'exploded', 0, 0, 0, 0, 0, '', '', '[]');
INSERT INTO public.backlog VALUES (29, 2, '1000', 'L03', '261', 'PLUG', 'TIGHT', '', '', 'PC', 1000000, 'BF4002', 'PCC 1000 CABLE 0001', '2026-11-30', '2026-11-30', 1796030397476895, 'exploded', 0, 0, 0, 0, 0, '', '', '[]');
INSERT INTO public.backlog VALUES (33, 2, '1000', 'L03', '261', 'PLUG', 'TIGHT', '', '', 'PC', 1000000, 'BF4002', 'PCC 1000 CABLE 0001', '2026-11-30', '2026-11-30', 1796030400476896, 'exploded', 0, 0, 0, 0, 0, '', '', '[]');


--
-- Data for Name: batches; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.batches VALUES (0, 6, 327680, 1796030391362894, 1, 1, 'f9d558759bb302b3481becab661c2c63c0e37efab4e6990b294ea5c8e8728b6a', '7d99459fd32d0e1f37f039c2db15dbc8cff8c1104a831201fa5ea5349e5c5652', '842d2b9345bef5fee3a4beccf412d2ee54d4e87f135a123fb9ac855f303cd4c5');
INSERT INTO public.batches VALUES (0, 7, 393216, 1796030395362894, 2, 3, 'f9d558759bb302b3481becab661c2c63c0e37efab4e6990b294ea5c8e8728b6a', '2572bc5c0b84a6e8f4c21d52e9e7ba90e62be12b3e1aac83a18822e2e87bfdf6', '8002b7c631a68c207c918a3676a970b97df50432c5d8a6ec285bfd2f083ba44f');
INSERT INTO public.batches VALUES (0, 8, 458752, 1796030395562894, 4, 4, 'f9d558759bb302b3481becab661c2c63c0e37efab4e6990b294ea5c8e8728b6a', '49752933b00d7ea16962af21b4280cfdbc321701435cd839c7b1cc9795f89972', '8bf7226ffb90a35a5b80d69889204f8cfa626c935d44c9746b6dc9a5880db451');
INSERT INTO public.batches VALUES (0, 10, 589824, 1796030395663894, 5, 5, 'f9d558759bb302b3481becab661c2c63c0e37efab4e6990b294ea5c8e8728b6a', '0d0757319a0b1dd1d0ce5fb4364d4616879e4d834b9ddd8ce11ae2c4231819e7', '1e1b64fb9988c107445d61354c3c4098b52de1910f22b8a9d8c0934acbecfcff');
INSERT INTO public.batches VALUES (0, 11, 589825, 1796030395663894, 6, 6, 'f9d558759bb302b3481becab661c2c63c0e37efab4e6990b294ea5c8e8728b6a', 'e28e1cc9d00c50194fc78cbcd69170dea1bdfca0a70fc444da28376269fb38c6', 'c12e79574d84bdadb043ec2d72a2ae8fad0f5d935a704fb7f122b4ab9c6011cf');
INSERT INTO public.batches VALUES (0, 12, 655360, 1796030395663894, 7, 8, 'f9d558759bb302b3481becab661c2c63c0e37efab4e6990b294ea5c8e8728b6a', '4c0f476ec4809dbd185c8ecdad931703d9a5fe3a7fcde590af82d4486308fe55', '3a7154589603a933db70f7a9c17f2d9d032c4c55c01100d3157373121499a8c4');
INSERT INTO public.batches VALUES (0, 13, 786432, 1796030395764894, 9, 11, 'f9d558759bb302b3481becab661c2c63c0e37efab4e6990b294ea5c8e8728b6a', '9ce704bbdf50c116c0c57a87dc5a19e67d023961cb99c0a4324df8fb8c634f9e', '9604b73ac0fcdeffbb673b215b3409152e83af8c27139f9106fcdf51c53d404c');
INSERT INTO public.batches VALUES (0, 15, 851970, 1796030397366894, 12, 12, 'f9d558759bb302b3481becab661c2c63c0e37efab4e6990b294ea5c8e8728b6a', '0a3795a1a705e9ca282bcf507031e0301e74138498967cc2b9f97fb90977e8c4', '12de7440ec01814ef664f5c430308461d762b9fa7689a78e7346d7e098d36c5e');
INSERT INTO public.batches VALUES (0, 16, 917504, 1796030397366894, 13, 17, 'f9d558759bb302b3481becab661c2c63c0e37efab4e6990b294ea5c8e8728b6a', 'e325f17f55765461d7c096559d0cca857e2fd154f983872ffe37375ed2ce7cf6', 'fc47fada0368c8ade00d833868a76f4f4c2296f2a8a70741fe5396af8ea4b3c9');
INSERT INTO public.batches VALUES (0, 18, 983040, 1796030397466894, 18, 19, 'f9d558759bb302b3481becab661c2c63c0e37efab4e6990b294ea5c8e8728b6a', '1129808c7d6686d61e31f77bd48069c640c71ed706bb5ae32835a7be198fc582', '6370504df0190d4668b09ce2e9ef5c6696bb363a42b5635af902d8bff4f2a3f5');
INSERT INTO public.batches VALUES (0, 21, 983045, 1796030397476894, 20, 20, 'f9d558759bb302b3481becab661c2c63c0e37efab4e6990b294ea5c8e8728b6a', '69f83690eb8b760f79d3fc81bf3fbf2a113cb2d92be26823a28a1c3842b15b3f', 'f85aca05a69cd5f9a9a75fb6a65c9bc18b03ca6512b851230b208b0047f81ddb');
INSERT INTO public.batches VALUES (0, 22, 983051, 1796030397476894, 21, 24, 'f9d558759bb302b3481becab661c2c63c0e37efab4e6990b294ea5c8e8728b6a', '97307cc0946b871ce4ce3aaa59737d627dd012b72d1211ee85cd6efa9d3e5190', '9b0b805c4fab053c4c1edc3819774d88d4d8b44101730dd1a7295f8ac00eaf85');
INSERT INTO public.batches VALUES (0, 24, 983059, 1796030397476894, 25, 27, 'f9d558759bb302b3481becab661c2c63c0e37efab4e6990b294ea5c8e8728b6a', '3d2d7727fe4c361c70149583507151f031a5d0231e656e00ed549a2bbc9c6117', '12433b9584af8af1cdd9cfafa525661274a4b0a3b5e41be7d047f923900bffc8');
INSERT INTO public.batches VALUES (0, 26, 1048584, 1796030398076894, 28, 29, 'f9d558759bb302b3481becab661c2c63c0e37efab4e6990b294ea5c8e8728b6a', '09e867eb134bbfcc01299b916268922f6bcfd66b032c2698d1f644600fd39cb4', '1fe616e936ea1ae63758115326fe3f588c4a66a83e499ee5612306a1b7e8a94c');
INSERT INTO public.batches VALUES (0, 33, 1245184, 1796030401076895, 30, 32, 'f9d558759bb302b3481becab661c2c63c0e37efab4e6990b294ea5c8e8728b6a', '8cc1a4888fc74f1aad9c15b8a6903c74b0601dbe5676277860f9ee6a380fc054', '39152e5e227305df05d92b311e14b21eb44246bd42ef1325f491b65d9ec139db');
INSERT INTO public.batches VALUES (0, 34, 1310720, 1796030401676895, 33, 33, 'f9d558759bb302b3481becab661c2c63c0e37efab4e6990b294ea5c8e8728b6a', '63eb8871399d249b709d3bbd141b4b6a2c146a6129c06b2674dd4773656eb8fd', 'f341115bc64dc9d6eaa407c8438657287b4c7ec639d9e1579e62fce3493caf6b');
INSERT INTO public.batches VALUES (0, 42, 1835008, 1795345321815000, 34, 34, 'f9d558759bb302b3481becab661c2c63c0e37efab4e6990b294ea5c8e8728b6a', '33e3b1118478fb6fdf73631a5c0f39a5b5660749f1ee5a462cb01f7cbecca256', '40611001d0c4ba27c6ccdd2cbac3d53d47fc7a143298e3fa4783a912eb147f5a');
INSERT INTO public.batches VALUES (0, 43, 1900544, 1795345322414999, 35, 35, 'f9d558759bb302b3481becab661c2c63c0e37efab4e6990b294ea5c8e8728b6a', '0134930ec60e7d5019bd9b415c0c3969988b330982749443784ba85032479cdd', '7dc404091fb50ff4ec8fcbdfae82ba859c76fa4e0cc6e5db323403a5cb82943d');
INSERT INTO public.batches VALUES (0, 44, 1966080, 1795345325414999, 36, 37, 'f9d558759bb302b3481becab661c2c63c0e37efab4e6990b294ea5c8e8728b6a', 'dacab2728d8abb0ef0ead6c535e1cf008aa2e51e75e5d5a211c6a90d52361542', '25b3d0750bb334d0465635fbd6c972c803cf0e2f3adcee837ea0a254cb9d4627');


--
-- Data for Name: collectors; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.collectors VALUES ('1000', 'PCC 1000 CABLE 0001', '2026-11', 'issue', 'PLUG', 4680000);
INSERT INTO public.collectors VALUES ('1000', 'PCC 1000 CABLE 0001', '2026-11', 'receipt', 'CABLE', -23760000);
INSERT INTO public.collectors VALUES ('1000', 'PCC 1000 PUMP 0001', '2026-11', 'issue', 'GLUE', 1834500000);
INSERT INTO public.collectors VALUES ('1000', 'PCC 1000 PUMP 0001', '2026-11', 'issue', 'RING', 20640000);
INSERT INTO public.collectors VALUES ('1000', 'PCC 1000 PUMP 0001', '2026-11', 'receipt', 'PUMP', -2703000000);
INSERT INTO public.collectors VALUES ('1000', 'PCC 1000 PUMP 0001', '2026-11', 'activity', 'LABOUR', 53540000);
INSERT INTO public.collectors VALUES ('1000', 'PCC 1000 VALVE 0001', '2026-11', 'receipt', 'VALVE', -512500000);


--
-- Data for Name: commands; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.commands VALUES ('reverse-4', 'e6d34bbd592eaab8efa8ba04e69ee228', '["ok", "BF0000", "document 0000000001 is reversed by 0000000007", {"document": "0000000007", "reverses": "0000000001", "documents": ["0000000007"], "withdrawn": "0"}]');
INSERT INTO public.commands VALUES ('post-8', 'fc19dbf00805f3572a4c5feebc29bc6a', '["ok", "BF0000", "3 posted in 0000000013", {"documents": ["0000000013"], "posted": "3", "waiting": "0"}]');
INSERT INTO public.commands VALUES ('reverse-11', 'ab10072fc8b4704977b5c8e2d8fdc256', '["ok", "BF0000", "document 0000000013 is reversed by 0000000020", {"document": "0000000020", "reverses": "0000000013", "documents": ["0000000020"], "withdrawn": "0"}]');
INSERT INTO public.commands VALUES ('post-13', 'fc19dbf00805f3572a4c5feebc29bc6a', '["ok", "BF0000", "3 posted in 0000000025", {"documents": ["0000000025"], "posted": "3", "waiting": "0"}]');


--
-- Data for Name: confirmations; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.confirmations VALUES (1, 1, 'final', '', 1000000, 0, 0, 0, 0, 1000000, 0);
INSERT INTO public.confirmations VALUES (2, 1, 'final', '', 1000000, 0, 0, 0, 0, 1000000, 0);
INSERT INTO public.confirmations VALUES (4, 1, 'final', '', 0, 0, 0, 0, 0, 42000000, 1000000);
INSERT INTO public.confirmations VALUES (5, 1, 'final', '', 0, 1000000, 0, 0, 0, 0, 1000000);
INSERT INTO public.confirmations VALUES (7, 1, 'final', '', -1000000, 0, 0, 0, 0, -1000000, 0);
INSERT INTO public.confirmations VALUES (8, 1, 'final', '', 0, 0, 0, 0, 0, 85000000, 0);
INSERT INTO public.confirmations VALUES (9, 1, 'final', '', 1000000, 0, 0, 0, 0, 1000000, 0);
INSERT INTO public.confirmations VALUES (10, 1, 'final', '', 1000000, 0, 0, 0, 0, 1000000, 0);
INSERT INTO public.confirmations VALUES (11, 1, 'final', '', 1000000, 0, 0, 0, 0, 1000000, 0);
INSERT INTO public.confirmations VALUES (12, 1, 'final', '', 1000000, 0, 0, 0, 0, 1000000, 0);
INSERT INTO public.confirmations VALUES (13, 1, 'final', '', 3000000, 0, 0, 0, 0, 3000000, 0);
INSERT INTO public.confirmations VALUES (14, 1, 'final', '', 40000000, 0, 0, 0, 0, 40000000, 0);
INSERT INTO public.confirmations VALUES (15, 1, 'final', '', 1000000, 0, 0, 0, 0, 1000000, 0);
INSERT INTO public.confirmations VALUES (16, 1, 'final', '', 1000000, 0, 0, 0, 0, 1000000, 0);
INSERT INTO public.confirmations VALUES (17, 1, 'final', '', 1000000, 0, 0, 0, 0, 1000000, 0);
INSERT INTO public.confirmations VALUES (20, 1, 'final', '', -3000000, 0, 0, 0, 0, -3000000, 0);
INSERT INTO public.confirmations VALUES (21, 1, 'final', '', 0, 0, 0, 0, 0, 7000000, 0);
INSERT INTO public.confirmations VALUES (22, 1, 'final', '', 40000000, 0, 0, 0, 0, 40000000, 0);
INSERT INTO public.confirmations VALUES (23, 1, 'final', '', 1000000, 0, 0, 0, 0, 1000000, 0);
INSERT INTO public.confirmations VALUES (25, 1, 'final', '', 3000000, 0, 0, 0, 0, 3000000, 0);
INSERT INTO public.confirmations VALUES (26, 1, 'final', '', 1000000, 0, 0, 0, 0, 1000000, 0);
INSERT INTO public.confirmations VALUES (28, 1, 'final', '', 0, 0, 0, 0, 0, 40000000, 1000000);
INSERT INTO public.confirmations VALUES (29, 1, 'final', '', 1000000, 0, 0, 0, 0, 1000000, 0);
INSERT INTO public.confirmations VALUES (30, 1, '0010', '', 42000000, 0, 0, 0, 0, 42000000, 0);
INSERT INTO public.confirmations VALUES (31, 1, 'final', '', 40000000, 1000000, 0, 0, 0, 0, 0);
INSERT INTO public.confirmations VALUES (32, 1, 'final', '', 0, 1000000, 0, 0, 0, 0, 0);
INSERT INTO public.confirmations VALUES (33, 1, 'final', '', 1000000, 0, 0, 0, 0, 1000000, 0);
INSERT INTO public.confirmations VALUES (34, 1, 'final', '', 2000000, 0, 0, 0, 0, 2000000, 0);
INSERT INTO public.confirmations VALUES (36, 1, '0010', '', 1000000, 0, 0, 0, 0, 1000000, 0);
INSERT INTO public.confirmations VALUES (37, 1, 'final', '', 1000000, 0, 0, 0, 0, 0, 0);


--
-- Data for Name: contexts; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.contexts VALUES ('scanner', '', '', '', '', 0, '', '', 33, 33, 0, '10-10 11-11 12-12 15-15 16-16 17-17 23-23 26-26 29-29');


--
-- Data for Name: cursors; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.cursors VALUES (0, 'mqtt', 37);


--
-- Data for Name: device_marks; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.device_marks VALUES ('valves', 'life-0', 'scrap', 3, 23, NULL, 1795345328414999, 3, 0, -1, '');
INSERT INTO public.device_marks VALUES ('valves-0010', 'life-0', 'good', 43, 14, NULL, 1795345328414999, 43, 0, -1, '');
INSERT INTO public.device_marks VALUES ('strange', 'life-0', 'good', 58, 21, NULL, 1795345328414999, 58, 0, -1, '');
INSERT INTO public.device_marks VALUES ('pumps', 'life-0', 'good', 81, 6, NULL, 1796030397476895, 81, 0, -1, '');
INSERT INTO public.device_marks VALUES ('pumps', 'life-0', 'scrap', 1, 6, NULL, 1796030397476895, 1, 0, -1, '');
INSERT INTO public.device_marks VALUES ('strange', 'life-0', 'scrap', 3, 21, NULL, 1795345328414999, 3, 0, -1, '');
INSERT INTO public.device_marks VALUES ('valves', 'life-0', 'good', 179, 23, NULL, 1795345328414999, 179, 0, -1, '');
INSERT INTO public.device_marks VALUES ('pumps', 'life-1', 'good', 2, 12, NULL, 1795345328414999, 2, 0, -1, '');
INSERT INTO public.device_marks VALUES ('pumps', 'life-1', 'scrap', 0, 12, NULL, 1795345328414999, 0, 0, -1, '');


--
-- Data for Name: device_states; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: documents; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.documents VALUES (1, 'assembly', '1000', 'L01', 'PUMP', '0001', 'PCC 1000 PUMP 0001', '1000/PUMP/0001/PCC 1000 PUMP 0001/final', '', '2026-11-30', '2026-11-30', 'early', 1796030391362894, 0, '', '', '', 0, 0);
INSERT INTO public.documents VALUES (2, 'assembly', '1000', 'L03', 'CABLE', '0001', 'PCC 1000 CABLE 0001', '1000/CABLE/0001/PCC 1000 CABLE 0001/final', '', '2026-11-30', '2026-11-30', 'early', 1796030391362895, 327681, '', '', 'scan-3', 0, 0);
INSERT INTO public.documents VALUES (3, 'worklist', '1000', 'L01', 'PUMP', '0001', 'PCC 1000 PUMP 0001', '1000/PUMP/0001/PCC 1000 PUMP 0001/final', '', '2026-11-30', '2026-11-30', 'early', 1796030391362895, 0, 'update', '', '0000000001', 0, 0);
INSERT INTO public.documents VALUES (4, 'assembly', '1000', 'L02', 'VALVE', '0001', 'PCC 1000 VALVE 0001', '1000/VALVE/0001/PCC 1000 VALVE 0001/0010-final', '', '2026-11-30', '2026-11-30', 'early', 1796030395462894, 0, '', '', '', 0, 0);
INSERT INTO public.documents VALUES (5, 'scrap', '1000', 'L01', 'PUMP', '0001', 'PCC 1000 PUMP 0001', '1000/PUMP/0001/PCC 1000 PUMP 0001/final', '', '2026-11-30', '2026-11-30', 'early', 1796030395662894, 0, '', '', '', 0, 0);
INSERT INTO public.documents VALUES (6, 'worklist', '1000', 'L01', 'PUMP', '0001', 'PCC 1000 PUMP 0001', '1000/PUMP/0001/PCC 1000 PUMP 0001/final', '', '2026-11-30', '2026-11-30', 'early', 1796030395663894, 0, 'update', '', '0000000005', 0, 0);
INSERT INTO public.documents VALUES (7, 'reversal', '1000', 'L01', 'PUMP', '0001', 'PCC 1000 PUMP 0001', '1000/PUMP/0001/PCC 1000 PUMP 0001/final', '', '2026-11-30', '2026-11-30', 'early', 1796030395663894, 589825, 'anna', 'wrong label', '', 1, 0);
INSERT INTO public.documents VALUES (8, 'assembly', '1000', 'L02', 'VALVE', '0001', 'PCC 1000 VALVE 0001', '1000/VALVE/0001/PCC 1000 VALVE 0001/0010-final', '', '2026-11-30', '2026-11-30', 'early', 1796030395663894, 0, '', '', '', 0, 0);
INSERT INTO public.documents VALUES (9, 'assembly', '1000', 'L03', 'CABLE', '0001', 'PCC 1000 CABLE 0001', '1000/CABLE/0001/PCC 1000 CABLE 0001/final', '', '2026-11-30', '2026-11-30', 'early', 1796030395663895, 655361, '', '', 'scan-5', 0, 0);
INSERT INTO public.documents VALUES (10, 'assembly', '1000', 'L03', 'CABLE', '0001', 'PCC 1000 CABLE 0001', '1000/CABLE/0001/PCC 1000 CABLE 0001/final', '', '2026-11-30', '2026-11-30', 'early', 1796030395663896, 720898, '', '', 'scan-6', 0, 0);
INSERT INTO public.documents VALUES (11, 'assembly', '1000', 'L03', 'CABLE', '0001', 'PCC 1000 CABLE 0001', '1000/CABLE/0001/PCC 1000 CABLE 0001/final', '', '2026-11-30', '2026-11-30', 'early', 1796030395663896, 720899, '', '', 'scan-1', 0, 0);
INSERT INTO public.documents VALUES (12, 'assembly', '1000', 'L03', 'CABLE', '0001', 'PCC 1000 CABLE 0001', '1000/CABLE/0001/PCC 1000 CABLE 0001/final', '', '2026-11-30', '2026-11-30', 'early', 1796030395865894, 851969, '', '', 'scan-7', 0, 0);
INSERT INTO public.documents VALUES (13, 'assembly', '1000', 'L01', 'PUMP', '0001', 'PCC 1000 PUMP 0001', '1000/PUMP/0001/PCC 1000 PUMP 0001/final', '', '2026-11-30', '2026-11-30', 'early', 1796030395865894, 851970, 'anna', 'wrong label', 'post-8', 0, 0);
INSERT INTO public.documents VALUES (14, 'assembly', '1000', 'L01', 'PUMP', '0001', 'PCC 1000 PUMP 0001', '1000/PUMP/0001/PCC 1000 PUMP 0001/final', '', '2026-11-30', '2026-11-30', 'early', 1796030395865894, 0, '', '', '', 0, 0);
INSERT INTO public.documents VALUES (15, 'assembly', '1000', 'L03', 'CABLE', '0001', 'PCC 1000 CABLE 0001', '1000/CABLE/0001/PCC 1000 CABLE 0001/final', '', '2026-11-30', '2026-11-30', 'early', 1796030395865894, 851973, '', '', 'scan-9', 0, 0);
INSERT INTO public.documents VALUES (16, 'assembly', '1000', 'L03', 'CABLE', '0001', 'PCC 1000 CABLE 0001', '1000/CABLE/0001/PCC 1000 CABLE 0001/final', '', '2026-11-30', '2026-11-30', 'early', 1796030395865894, 851974, '', '', 'scan-2', 0, 0);
INSERT INTO public.documents VALUES (17, 'assembly', '1000', 'L03', 'CABLE', '0001', 'PCC 1000 CABLE 0001', '1000/CABLE/0001/PCC 1000 CABLE 0001/final', '', '2026-11-30', '2026-11-30', 'early', 1796030395865894, 851977, '', '', 'scan-10', 0, 0);
INSERT INTO public.documents VALUES (18, 'worklist', '1000', 'L01', 'PUMP', '0001', 'PCC 1000 PUMP 0001', '1000/PUMP/0001/PCC 1000 PUMP 0001/final', '', '2026-11-30', '2026-11-30', 'early', 1796030395965894, 0, 'update', '', '0000000013', 0, 0);
INSERT INTO public.documents VALUES (19, 'worklist', '1000', 'L01', 'PUMP', '0001', 'PCC 1000 PUMP 0001', '1000/PUMP/0001/PCC 1000 PUMP 0001/final', '', '2026-11-30', '2026-11-30', 'early', 1796030395965894, 0, 'update', '', '0000000014', 0, 0);
INSERT INTO public.documents VALUES (20, 'reversal', '1000', 'L01', 'PUMP', '0001', 'PCC 1000 PUMP 0001', '1000/PUMP/0001/PCC 1000 PUMP 0001/final', '', '2026-11-30', '2026-11-30', 'early', 1796030397476894, 983044, 'anna', 'wrong label', '', 13, 0);
INSERT INTO public.documents VALUES (21, 'assembly', '1000', 'L02', 'VALVE', '0001', 'PCC 1000 VALVE 0001', '1000/VALVE/0001/PCC 1000 VALVE 0001/0010-final', '', '2026-11-30', '2026-11-30', 'early', 1796030397476894, 0, '', '', '', 0, 0);
INSERT INTO public.documents VALUES (22, 'assembly', '1000', 'L01', 'PUMP', '0001', 'PCC 1000 PUMP 0001', '1000/PUMP/0001/PCC 1000 PUMP 0001/final', '', '2026-11-30', '2026-11-30', 'early', 1796030397476894, 0, '', '', '', 0, 0);
INSERT INTO public.documents VALUES (23, 'assembly', '1000', 'L03', 'CABLE', '0001', 'PCC 1000 CABLE 0001', '1000/CABLE/0001/PCC 1000 CABLE 0001/final', '', '2026-11-30', '2026-11-30', 'early', 1796030397476894, 983050, '', '', 'scan-12', 0, 0);
INSERT INTO public.documents VALUES (24, 'worklist', '1000', 'L01', 'PUMP', '0001', 'PCC 1000 PUMP 0001', '1000/PUMP/0001/PCC 1000 PUMP 0001/final', '', '2026-11-30', '2026-11-30', 'early', 1796030397476894, 0, 'update', '', '0000000022', 0, 0);
INSERT INTO public.documents VALUES (25, 'assembly', '1000', 'L01', 'PUMP', '0001', 'PCC 1000 PUMP 0001', '1000/PUMP/0001/PCC 1000 PUMP 0001/final', '', '2026-11-30', '2026-11-30', 'early', 1796030397476894, 983053, 'anna', 'wrong label', 'post-13', 0, 0);
INSERT INTO public.documents VALUES (26, 'assembly', '1000', 'L03', 'CABLE', '0001', 'PCC 1000 CABLE 0001', '1000/CABLE/0001/PCC 1000 CABLE 0001/final', '', '2026-11-30', '2026-11-30', 'early', 1796030397476894, 983055, '', '', 'scan-14', 0, 0);
INSERT INTO public.documents VALUES (27, 'worklist', '1000', 'L01', 'PUMP', '0001', 'PCC 1000 PUMP 0001', '1000/PUMP/0001/PCC 1000 PUMP 0001/final', '', '2026-11-30', '2026-11-30', 'early', 1796030397476894, 0, 'update', '', '0000000025', 0, 0);
INSERT INTO public.documents VALUES (28, 'assembly', '1000', 'L02', 'VALVE', '0001', 'PCC 1000 VALVE 0001', '1000/VALVE/0001/PCC 1000 VALVE 0001/0010-final', '', '2026-11-30', '2026-11-30', 'early', 1796030397476895, 0, '', '', '', 0, 0);
INSERT INTO public.documents VALUES (29, 'assembly', '1000', 'L03', 'CABLE', '0001', 'PCC 1000 CABLE 0001', '1000/CABLE/0001/PCC 1000 CABLE 0001/final', '', '2026-11-30', '2026-11-30', 'early', 1796030397476895, 1048578, '', '', 'scan-15', 0, 0);
INSERT INTO public.documents VALUES (30, 'point', '1000', 'L02', 'VALVE', '0001', 'PCC 1000 VALVE 0001', '1000/VALVE/0001/PCC 1000 VALVE 0001/0010-final', '', '2026-11-30', '2026-11-30', 'early', 1796030400476895, 0, '', '', '', 0, 0);
INSERT INTO public.documents VALUES (31, 'assembly', '1000', 'L02', 'VALVE', '0001', 'PCC 1000 VALVE 0001', '1000/VALVE/0001/PCC 1000 VALVE 0001/0010-final', '', '2026-11-30', '2026-11-30', 'early', 1796030400476895, 0, '', '', '0000000004', 0, 4);
INSERT INTO public.documents VALUES (32, 'scrap', '1000', 'L02', 'VALVE', '0001', 'PCC 1000 VALVE 0001', '1000/VALVE/0001/PCC 1000 VALVE 0001/0010-final', '', '2026-11-30', '2026-11-30', 'early', 1796030400476895, 0, '', '', '0000000028', 0, 28);
INSERT INTO public.documents VALUES (33, 'assembly', '1000', 'L03', 'CABLE', '0001', 'PCC 1000 CABLE 0001', '1000/CABLE/0001/PCC 1000 CABLE 0001/final', '', '2026-11-30', '2026-11-30', 'early', 1796030400476896, 1245185, '', '', 'scan-16', 0, 0);
INSERT INTO public.documents VALUES (34, 'assembly', '1000', 'L01', 'PUMP', '0001', 'PCC 1000 PUMP 0001', '1000/PUMP/0001/PCC 1000 PUMP 0001/final', '', '2026-11-22', '2026-11-22', 'early', 1795345321215000, 0, '', '', '', 0, 0);
INSERT INTO public.documents VALUES (35, 'worklist', '1000', 'L01', 'PUMP', '0001', 'PCC 1000 PUMP 0001', '1000/PUMP/0001/PCC 1000 PUMP 0001/final', '', '2026-11-22', '2026-11-22', 'early', 1795345321815000, 0, 'update', '', '0000000034', 0, 0);
INSERT INTO public.documents VALUES (36, 'point', '1000', 'L02', 'VALVE', '0001', 'PCC 1000 VALVE 0001', '1000/VALVE/0001/PCC 1000 VALVE 0001/0010-final', '', '2026-11-22', '2026-11-22', 'early', 1795345324814999, 0, '', '', '', 0, 0);
INSERT INTO public.documents VALUES (37, 'assembly', '1000', 'L02', 'VALVE', '0001', 'PCC 1000 VALVE 0001', '1000/VALVE/0001/PCC 1000 VALVE 0001/0010-final', '', '2026-11-30', '2026-11-30', 'early', 1795345324814999, 0, '', '', '0000000004', 0, 4);


--
-- Data for Name: edge_nodes; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: explosions; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.explosions VALUES ('14eb8e94f5c4e276fcabf23713f6e9ac', '[["receipt","final",false,1,"PUMP","FG01","PC",1,1,1],["issue","final",false,-1,"RING","RM01","PC",2,1,1000000],["issue","final",false,-1,"GLUE","RM01","KG",3333,10000,1000],["activity","final",false,1,"LABOUR","W1","H",3,200,1]]');
INSERT INTO public.explosions VALUES ('b43c705463846b4236a78cdafb0d7b9e', '[["receipt","final",false,1,"CABLE","FG01","PC",1,1,1],["issue","final",false,-1,"PLUG","TIGHT","PC",1,1,1000000]]');
INSERT INTO public.explosions VALUES ('2c323739556cbab26a81c0ea6255975f', '[["receipt","final",false,1,"VALVE","FG01","PC",1,1,1],["issue","0010",false,-1,"RING","RM01","PC",1,1,1000000],["issue","final",false,-1,"GLUE","RM01","KG",507,10000,1000],["activity","0010",false,1,"LABOUR","W1","H",1,60,1],["activity","final",false,1,"LABOUR","W1","H",7,600,1]]');


--
-- Data for Name: flow_segments; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.flow_segments VALUES ('1000/CABLE/0001/PCC 1000 CABLE 0001/final', 1, 'final', 12000000, 0, 12000000, 0, 0, 0, 0);
INSERT INTO public.flow_segments VALUES ('1000/PUMP/0001/PCC 1000 PUMP 0001/final', 1, 'final', 85000000, 1000000, 85000000, 1000000, 0, 0, 0);
INSERT INTO public.flow_segments VALUES ('1000/VALVE/0001/PCC 1000 VALVE 0001/0010-final', 1, '0010', 43000000, 0, 43000000, 0, 0, 0, 0);
INSERT INTO public.flow_segments VALUES ('1000/VALVE/0001/PCC 1000 VALVE 0001/0010-final', 2, 'final', 174000000, 2000000, 41000000, 2000000, 0, 0, 0);


--
-- Data for Name: flows; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.flows VALUES ('1000/VALVE/0001/PCC 1000 VALVE 0001/0010-final', '1000', 'VALVE', '0001', 'PCC 1000 VALVE 0001', '2c323739556cbab26a81c0ea6255975f', 9);
INSERT INTO public.flows VALUES ('1000/CABLE/0001/PCC 1000 CABLE 0001/final', '1000', 'CABLE', '0001', 'PCC 1000 CABLE 0001', 'b43c705463846b4236a78cdafb0d7b9e', 8);
INSERT INTO public.flows VALUES ('1000/PUMP/0001/PCC 1000 PUMP 0001/final', '1000', 'PUMP', '0001', 'PCC 1000 PUMP 0001', '14eb8e94f5c4e276fcabf23713f6e9ac', 12);


--
-- Data for Name: heads; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.heads VALUES (0, 'gw1', '41cd79fb-ede1-4f8a-9d67-c8eadb9f5303', 2031616, 45, 37, 12, '25b3d0750bb334d0465635fbd6c972c803cf0e2f3adcee837ea0a254cb9d4627', 'f9d558759bb302b3481becab661c2c63c0e37efab4e6990b294ea5c8e8728b6a', 1795345328414999, 0, 1795345328414999);


--
-- Data for Name: holds; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: last_scans; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: leases; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.leases VALUES (0, '*', 1795345354214999, 30000000, 1);


--
-- Data for Name: lines; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.lines VALUES ('1000', 'L03', 12000000, 12000000, 0, 12000000, 0, 0, 0, 12, 33, 1795345312815000, 0, 0, 3);
INSERT INTO public.lines VALUES ('1000', 'L09', 61000000, 0, 61000000, 0, 0, 0, 0, 0, 0, 1795345321215000, 0, 0, 0);
INSERT INTO public.lines VALUES ('1000', 'L01', 90000000, 90000000, 0, 90000000, 1000000, 0, 4000000, 16, 35, 1795345321215000, 0, 0, 0);
INSERT INTO public.lines VALUES ('1000', 'L02', 225000000, 225000000, 0, 86000000, 2000000, 0, 0, 9, 37, 1795345321215000, 5, 5, 0);


--
-- Data for Name: marks; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.marks VALUES ('', '1000/CABLE/0001/PCC 1000 CABLE 0001/final', 'b43c705463846b4236a78cdafb0d7b9e', 'final', 'receipt', 12000000, 12000000);
INSERT INTO public.marks VALUES ('', '1000/CABLE/0001/PCC 1000 CABLE 0001/final', 'b43c705463846b4236a78cdafb0d7b9e', 'final', 'issue', 12000000, 12000000);
INSERT INTO public.marks VALUES ('', '1000/PUMP/0001/PCC 1000 PUMP 0001/final', '14eb8e94f5c4e276fcabf23713f6e9ac', 'final', 'receipt', 89000000, 89000000);
INSERT INTO public.marks VALUES ('', '1000/PUMP/0001/PCC 1000 PUMP 0001/final', '14eb8e94f5c4e276fcabf23713f6e9ac', 'final', 'issue', 90000000, 90000000);
INSERT INTO public.marks VALUES ('', '1000/PUMP/0001/PCC 1000 PUMP 0001/final', '14eb8e94f5c4e276fcabf23713f6e9ac', 'final', 'activity', 90000000, 90000000);
INSERT INTO public.marks VALUES ('', '1000/VALVE/0001/PCC 1000 VALVE 0001/0010-final', '2c323739556cbab26a81c0ea6255975f', '0010', 'issue', 43000000, 0);
INSERT INTO public.marks VALUES ('', '1000/VALVE/0001/PCC 1000 VALVE 0001/0010-final', '2c323739556cbab26a81c0ea6255975f', '0010', 'activity', 43000000, 0);
INSERT INTO public.marks VALUES ('', '1000/VALVE/0001/PCC 1000 VALVE 0001/0010-final', '2c323739556cbab26a81c0ea6255975f', 'final', 'receipt', 41000000, 41000000);
INSERT INTO public.marks VALUES ('', '1000/VALVE/0001/PCC 1000 VALVE 0001/0010-final', '2c323739556cbab26a81c0ea6255975f', 'final', 'issue', 43000000, 0);
INSERT INTO public.marks VALUES ('', '1000/VALVE/0001/PCC 1000 VALVE 0001/0010-final', '2c323739556cbab26a81c0ea6255975f', 'final', 'activity', 43000000, 0);


--
-- Data for Name: master_tables; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.master_tables VALUES (0, 3, 1796030383362894, 'f9d558759bb302b3481becab661c2c63c0e37efab4e6990b294ea5c8e8728b6a', '\x7b2261637469766974795f7261746573223a5b7b226163746976697479223a224c41424f5552222c22706c616e74223a2231303030222c22726174655f7065725f686f7572223a2234312e35222c22776f726b5f63656e746572223a225731227d5d2c22616c6961736573223a5b7b22636f6465223a2243415244222c226b696e64223a2276657273696f6e222c2276616c7565223a224341424c452f30303031227d5d2c22626f6d5f6974656d73223a5b7b22636f6d706f6e656e74223a22504c5547222c226974656d223a2230303130222c226d6174657269616c223a224341424c45222c22706c616e74223a2231303030222c227175616e74697479223a2231222c22756e6974223a225043227d2c7b22636f6d706f6e656e74223a2252494e47222c226974656d223a2230303130222c226d6174657269616c223a2250554d50222c22706c616e74223a2231303030222c227175616e74697479223a2232222c22756e6974223a225043227d2c7b22636f6d706f6e656e74223a22474c5545222c226974656d223a2230303230222c226d6174657269616c223a2250554d50222c22706c616e74223a2231303030222c227175616e74697479223a22302e33333333222c22756e6974223a224b47227d2c7b22636f6d706f6e656e74223a2252494e47222c226974656d223a2230303130222c226d6174657269616c223a2256414c5645222c226f7065726174696f6e223a2230303130222c22706c616e74223a2231303030222c227175616e74697479223a2231222c22756e6974223a225043227d2c7b22636f6d706f6e656e74223a22474c5545222c226974656d223a2230303230222c226d6174657269616c223a2256414c5645222c226f7065726174696f6e223a2230303230222c22706c616e74223a2231303030222c227175616e74697479223a22302e30353037222c22756e6974223a224b47227d5d2c22626f6d73223a5b7b226d6174657269616c223a224341424c45222c22706c616e74223a2231303030227d2c7b226d6174657269616c223a2250554d50222c22706c616e74223a2231303030227d2c7b226d6174657269616c223a2256414c5645222c22706c616e74223a2231303030227d5d2c2264657669636573223a5b7b22646576696365223a2270756d7073222c226669727374223a227a65726f222c226c696e65223a224c3031222c22706c616e74223a2231303030222c2277696e646f77223a2272656164696e67227d2c7b22646576696365223a227363616e6e6572222c226b696e64223a227363616e6e6572222c226c696e65223a224c3033222c22706c616e74223a2231303030227d2c7b22646576696365223a22737472616e6765222c226669727374223a227a65726f222c226c696e65223a224c3039222c22706c616e74223a2231303030227d2c7b22646576696365223a2276616c766573222c226669727374223a227a65726f222c226c696e65223a224c3032222c22706c616e74223a2231303030222c2277696e646f77223a22377063227d2c7b22646576696365223a2276616c7665732d30303130222c226669727374223a227a65726f222c226c696e65223a224c3032222c226f7065726174696f6e223a2230303130222c22706c616e74223a2231303030222c2277696e646f77223a223373227d5d2c226d6174657269616c73223a5b7b2269737375655f6c6f636174696f6e223a2246473031222c226d6174657269616c223a224341424c45222c22706c616e74223a2231303030222c22726563656976696e675f6c6f636174696f6e223a2246473031222c2272656d5f70726f66696c65223a224e4f57222c227374616e646172645f7072696365223a22312e3938227d2c7b22646563696d616c73223a2233222c2269737375655f6c6f636174696f6e223a22524d3031222c226d6174657269616c223a22474c5545222c22706c616e74223a2231303030222c22726563656976696e675f6c6f636174696f6e223a22524d3031222c227374616e646172645f7072696365223a223634222c22756e6974223a224b47227d2c7b2269737375655f6c6f636174696f6e223a225449474854222c226d6174657269616c223a22504c5547222c22706c616e74223a2231303030222c22726563656976696e675f6c6f636174696f6e223a225449474854222c227374616e646172645f7072696365223a22302e3532227d2c7b2269737375655f6c6f636174696f6e223a2246473031222c226d6174657269616c223a2250554d50222c22706c616e74223a2231303030222c22726563656976696e675f6c6f636174696f6e223a2246473031222c2272656d5f70726f66696c65223a224e4f57222c227374616e646172645f7072696365223a2233312e38227d2c7b2269737375655f6c6f636174696f6e223a22524d3031222c226d6174657269616c223a2252494e47222c22706c616e74223a2231303030222c22726563656976696e675f6c6f636174696f6e223a22524d3031222c227374616e646172645f7072696365223a22302e3132227d2c7b2269737375655f6c6f636174696f6e223a2246473031222c226d6174657269616c223a2256414c5645222c22706c616e74223a2231303030222c22726563656976696e675f6c6f636174696f6e223a2246473031222c2272656d5f70726f66696c65223a224c41544552222c227374616e646172645f7072696365223a2231322e35227d5d2c226f70656e696e675f73746f636b223a5b7b226c6f636174696f6e223a225449474854222c226d6174657269616c223a22504c5547222c22706c616e74223a2231303030222c227175616e74697479223a2239227d5d2c226f7065726174696f6e5f61637469766974696573223a5b7b226163746976697479223a224c41424f5552222c22686f757273223a22312e35222c226d6174657269616c223a2250554d50222c226f7065726174696f6e223a2230303130222c22706c616e74223a2231303030227d2c7b226163746976697479223a224c41424f5552222c22686f757273223a2231222c226d6174657269616c223a2256414c5645222c226f7065726174696f6e223a2230303130222c22706c616e74223a2231303030227d2c7b226163746976697479223a224c41424f5552222c22686f757273223a22302e37222c226d6174657269616c223a2256414c5645222c226f7065726174696f6e223a2230303230222c22706c616e74223a2231303030227d5d2c226f7065726174696f6e73223a5b7b226d6174657269616c223a224341424c45222c226f7065726174696f6e223a2230303130222c22706c616e74223a2231303030222c22776f726b5f63656e746572223a225731227d2c7b226d6174657269616c223a2250554d50222c226f7065726174696f6e223a2230303130222c22706c616e74223a2231303030222c22776f726b5f63656e746572223a225731227d2c7b226d6174657269616c223a2256414c5645222c226f7065726174696f6e223a2230303130222c22706c616e74223a2231303030222c227265706f7274696e675f706f696e74223a22796573222c22776f726b5f63656e746572223a225731227d2c7b226d6174657269616c223a2256414c5645222c226f7065726174696f6e223a2230303230222c22706c616e74223a2231303030222c22776f726b5f63656e746572223a225731227d5d2c22706c616e7473223a5b7b226e616d65223a22576f726b73222c22706c616e74223a2231303030222c2274696d655f7a6f6e65223a224575726f70652f4265726c696e227d5d2c2270726f64756374696f6e5f76657273696f6e73223a5b7b22626f6d5f616c7465726e6174697665223a2231222c226c696e65223a224c3033222c226d6174657269616c223a224341424c45222c22706c616e74223a2231303030222c22726f7574696e67223a2231222c2276616c69645f66726f6d223a22323032362d30312d3031222c2276657273696f6e223a2230303031227d2c7b22626f6d5f616c7465726e6174697665223a2231222c226c696e65223a224c3031222c226d6174657269616c223a2250554d50222c22706c616e74223a2231303030222c22726f7574696e67223a2231222c2276616c69645f66726f6d223a22323032362d30312d3031222c2276657273696f6e223a2230303031227d2c7b22626f6d5f616c7465726e6174697665223a2231222c226c696e65223a224c3032222c226d6174657269616c223a2256414c5645222c22706c616e74223a2231303030222c22726f7574696e67223a2231222c2276616c69645f66726f6d223a22323032362d30312d3031222c2276657273696f6e223a2230303031227d5d2c2272656d5f70726f66696c6573223a5b7b2261637469766974795f74696d696e67223a226261636b67726f756e64222c2263756d756c6174655f676f6f64735f697373756573223a22796573222c22676f6f64735f69737375655f74696d696e67223a226261636b67726f756e64222c2270726f66696c65223a224c41544552222c227265706f7274696e675f706f696e7473223a226d616e6461746f7279227d2c7b2261637469766974795f74696d696e67223a22757064617465222c2270726f66696c65223a224e4f57227d5d2c22726f7574696e6773223a5b7b226d6174657269616c223a224341424c45222c22706c616e74223a2231303030227d2c7b22626173655f7175616e74697479223a22313030222c226d6174657269616c223a2250554d50222c22706c616e74223a2231303030227d2c7b22626173655f7175616e74697479223a223630222c226d6174657269616c223a2256414c5645222c22706c616e74223a2231303030227d5d2c2272756e73223a5b7b226c696e65223a224c3031222c226d6174657269616c223a2250554d50222c22706c616e74223a2231303030222c227374617274223a22323032362d30312d30315430303a30303a3030222c2276657273696f6e223a2230303031227d2c7b226c696e65223a224c3032222c226d6174657269616c223a2256414c5645222c22706c616e74223a2231303030222c227374617274223a22323032362d30312d30315430303a30303a3030222c2276657273696f6e223a2230303031227d2c7b226c696e65223a224c3033222c226d6174657269616c223a224341424c45222c22706c616e74223a2231303030222c227374617274223a22323032362d30312d30315430303a30303a3030222c2276657273696f6e223a2230303031227d5d2c22736869667473223a5b7b22656e64223a2231343a3030222c22706c616e74223a2231303030222c227368696674223a226561726c79222c227374617274223a2230363a3030227d2c7b22656e64223a2232323a3030222c22706c616e74223a2231303030222c227368696674223a226c617465222c227374617274223a2231343a3030227d5d2c2273746f726167655f6c6f636174696f6e73223a5b7b226c6f636174696f6e223a2246473031222c226e656761746976655f73746f636b223a22796573222c22706c616e74223a2231303030227d2c7b226c6f636174696f6e223a22524d3031222c226e656761746976655f73746f636b223a22796573222c22706c616e74223a2231303030227d2c7b226c6f636174696f6e223a225449474854222c22706c616e74223a2231303030227d5d2c22776f726b5f63656e74657273223a5b7b22706c616e74223a2231303030222c22776f726b5f63656e746572223a225731227d5d7d', 'tests', '');
INSERT INTO public.master_tables VALUES (0, 5, 1796030383362895, 'f9d558759bb302b3481becab661c2c63c0e37efab4e6990b294ea5c8e8728b6a', '\x7b2261637469766974795f7261746573223a5b7b226163746976697479223a224c41424f5552222c22706c616e74223a2231303030222c22726174655f7065725f686f7572223a2234312e35222c22776f726b5f63656e746572223a225731227d5d2c22616c6961736573223a5b7b22636f6465223a2243415244222c226b696e64223a2276657273696f6e222c2276616c7565223a224341424c452f30303031227d5d2c22626f6d5f6974656d73223a5b7b22636f6d706f6e656e74223a22504c5547222c226974656d223a2230303130222c226d6174657269616c223a224341424c45222c22706c616e74223a2231303030222c227175616e74697479223a2231222c22756e6974223a225043227d2c7b22636f6d706f6e656e74223a2252494e47222c226974656d223a2230303130222c226d6174657269616c223a2250554d50222c22706c616e74223a2231303030222c227175616e74697479223a2232222c22756e6974223a225043227d2c7b22636f6d706f6e656e74223a22474c5545222c226974656d223a2230303230222c226d6174657269616c223a2250554d50222c22706c616e74223a2231303030222c227175616e74697479223a22302e33333333222c22756e6974223a224b47227d2c7b22636f6d706f6e656e74223a2252494e47222c226974656d223a2230303130222c226d6174657269616c223a2256414c5645222c226f7065726174696f6e223a2230303130222c22706c616e74223a2231303030222c227175616e74697479223a2231222c22756e6974223a225043227d2c7b22636f6d706f6e656e74223a22474c5545222c226974656d223a2230303230222c226d6174657269616c223a2256414c5645222c226f7065726174696f6e223a2230303230222c22706c616e74223a2231303030222c227175616e74697479223a22302e30353037222c22756e6974223a224b47227d5d2c22626f6d73223a5b7b226d6174657269616c223a224341424c45222c22706c616e74223a2231303030227d2c7b226d6174657269616c223a2250554d50222c22706c616e74223a2231303030227d2c7b226d6174657269616c223a2256414c5645222c22706c616e74223a2231303030227d5d2c2264657669636573223a5b7b22646576696365223a2270756d7073222c226669727374223a227a65726f222c226c696e65223a224c3031222c22706c616e74223a2231303030222c2277696e646f77223a2272656164696e67227d2c7b22646576696365223a227363616e6e6572222c226b696e64223a227363616e6e6572222c226c696e65223a224c3033222c22706c616e74223a2231303030227d2c7b22646576696365223a22737472616e6765222c226669727374223a227a65726f222c226c696e65223a224c3039222c22706c616e74223a2231303030227d2c7b22646576696365223a2276616c766573222c226669727374223a227a65726f222c226c696e65223a224c3032222c22706c616e74223a2231303030222c2277696e646f77223a22377063227d2c7b22646576696365223a2276616c7665732d30303130222c226669727374223a227a65726f222c226c696e65223a224c3032222c226f7065726174696f6e223a2230303130222c22706c616e74223a2231303030222c2277696e646f77223a223373227d5d2c226d6174657269616c73223a5b7b2269737375655f6c6f636174696f6e223a2246473031222c226d6174657269616c223a224341424c45222c22706c616e74223a2231303030222c22726563656976696e675f6c6f636174696f6e223a2246473031222c2272656d5f70726f66696c65223a224e4f57222c227374616e646172645f7072696365223a22312e3938227d2c7b22646563696d616c73223a2233222c2269737375655f6c6f636174696f6e223a22524d3031222c226d6174657269616c223a22474c5545222c22706c616e74223a2231303030222c22726563656976696e675f6c6f636174696f6e223a22524d3031222c227374616e646172645f7072696365223a223634222c22756e6974223a224b47227d2c7b2269737375655f6c6f636174696f6e223a225449474854222c226d6174657269616c223a22504c5547222c22706c616e74223a2231303030222c22726563656976696e675f6c6f636174696f6e223a225449474854222c227374616e646172645f7072696365223a22302e3532227d2c7b2269737375655f6c6f636174696f6e223a2246473031222c226d6174657269616c223a2250554d50222c22706c616e74223a2231303030222c22726563656976696e675f6c6f636174696f6e223a2246473031222c2272656d5f70726f66696c65223a224e4f57222c227374616e646172645f7072696365223a2233312e38227d2c7b2269737375655f6c6f636174696f6e223a22524d3031222c226d6174657269616c223a2252494e47222c22706c616e74223a2231303030222c22726563656976696e675f6c6f636174696f6e223a22524d3031222c227374616e646172645f7072696365223a22302e3132227d2c7b2269737375655f6c6f636174696f6e223a2246473031222c226d6174657269616c223a2256414c5645222c22706c616e74223a2231303030222c22726563656976696e675f6c6f636174696f6e223a2246473031222c2272656d5f70726f66696c65223a224c41544552222c227374616e646172645f7072696365223a2231322e35227d5d2c226f70656e696e675f73746f636b223a5b7b226c6f636174696f6e223a225449474854222c226d6174657269616c223a22504c5547222c22706c616e74223a2231303030222c227175616e74697479223a2239227d5d2c226f7065726174696f6e5f61637469766974696573223a5b7b226163746976697479223a224c41424f5552222c22686f757273223a22312e35222c226d6174657269616c223a2250554d50222c226f7065726174696f6e223a2230303130222c22706c616e74223a2231303030227d2c7b226163746976697479223a224c41424f5552222c22686f757273223a2231222c226d6174657269616c223a2256414c5645222c226f7065726174696f6e223a2230303130222c22706c616e74223a2231303030227d2c7b226163746976697479223a224c41424f5552222c22686f757273223a22302e37222c226d6174657269616c223a2256414c5645222c226f7065726174696f6e223a2230303230222c22706c616e74223a2231303030227d5d2c226f7065726174696f6e73223a5b7b226d6174657269616c223a224341424c45222c226f7065726174696f6e223a2230303130222c22706c616e74223a2231303030222c22776f726b5f63656e746572223a225731227d2c7b226d6174657269616c223a2250554d50222c226f7065726174696f6e223a2230303130222c22706c616e74223a2231303030222c22776f726b5f63656e746572223a225731227d2c7b226d6174657269616c223a2256414c5645222c226f7065726174696f6e223a2230303130222c22706c616e74223a2231303030222c227265706f7274696e675f706f696e74223a22796573222c22776f726b5f63656e746572223a225731227d2c7b226d6174657269616c223a2256414c5645222c226f7065726174696f6e223a2230303230222c22706c616e74223a2231303030222c22776f726b5f63656e746572223a225731227d5d2c22706c616e7473223a5b7b226e616d65223a22576f726b73222c22706c616e74223a2231303030222c2274696d655f7a6f6e65223a224575726f70652f4265726c696e227d5d2c2270726f64756374696f6e5f76657273696f6e73223a5b7b22626f6d5f616c7465726e6174697665223a2231222c226c696e65223a224c3033222c226d6174657269616c223a224341424c45222c22706c616e74223a2231303030222c22726f7574696e67223a2231222c2276616c69645f66726f6d223a22323032362d30312d3031222c2276657273696f6e223a2230303031227d2c7b22626f6d5f616c7465726e6174697665223a2231222c226c696e65223a224c3031222c226d6174657269616c223a2250554d50222c22706c616e74223a2231303030222c22726f7574696e67223a2231222c2276616c69645f66726f6d223a22323032362d30312d3031222c2276657273696f6e223a2230303031227d2c7b22626f6d5f616c7465726e6174697665223a2231222c226c696e65223a224c3032222c226d6174657269616c223a2256414c5645222c22706c616e74223a2231303030222c22726f7574696e67223a2231222c2276616c69645f66726f6d223a22323032362d30312d3031222c2276657273696f6e223a2230303031227d5d2c2272656d5f70726f66696c6573223a5b7b2261637469766974795f74696d696e67223a226261636b67726f756e64222c2263756d756c6174655f676f6f64735f697373756573223a22796573222c22676f6f64735f69737375655f74696d696e67223a226261636b67726f756e64222c2270726f66696c65223a224c41544552222c227265706f7274696e675f706f696e7473223a226d616e6461746f7279227d2c7b2261637469766974795f74696d696e67223a22757064617465222c2270726f66696c65223a224e4f57227d5d2c22726f7574696e6773223a5b7b226d6174657269616c223a224341424c45222c22706c616e74223a2231303030227d2c7b22626173655f7175616e74697479223a22313030222c226d6174657269616c223a2250554d50222c22706c616e74223a2231303030227d2c7b22626173655f7175616e74697479223a223630222c226d6174657269616c223a2256414c5645222c22706c616e74223a2231303030227d5d2c2272756e73223a5b7b226c696e65223a224c3031222c226d6174657269616c223a2250554d50222c22706c616e74223a2231303030222c227374617274223a22323032362d30312d30315430303a30303a3030222c2276657273696f6e223a2230303031227d2c7b226c696e65223a224c3032222c226d6174657269616c223a2256414c5645222c22706c616e74223a2231303030222c227374617274223a22323032362d30312d30315430303a30303a3030222c2276657273696f6e223a2230303031227d2c7b226c696e65223a224c3033222c226d6174657269616c223a224341424c45222c22706c616e74223a2231303030222c227374617274223a22323032362d30312d30315430303a30303a3030222c2276657273696f6e223a2230303031227d5d2c22736869667473223a5b7b22656e64223a2231343a3030222c22706c616e74223a2231303030222c227368696674223a226561726c79222c227374617274223a2230363a3030227d2c7b22656e64223a2232323a3030222c22706c616e74223a2231303030222c227368696674223a226c617465222c227374617274223a2231343a3030227d5d2c2273746f726167655f6c6f636174696f6e73223a5b7b226c6f636174696f6e223a2246473031222c226e656761746976655f73746f636b223a22796573222c22706c616e74223a2231303030227d2c7b226c6f636174696f6e223a22524d3031222c226e656761746976655f73746f636b223a22796573222c22706c616e74223a2231303030227d2c7b226c6f636174696f6e223a225449474854222c22706c616e74223a2231303030227d5d2c22776f726b5f63656e74657273223a5b7b22706c616e74223a2231303030222c22776f726b5f63656e746572223a225731227d5d7d', 'tests', '');


--
-- Data for Name: material_items; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.material_items VALUES (1, 1, 'exploded', 'receipt', '131', 'PUMP', 'FG01', '', '', 1000000, 'PC', -31800000, 'PCC 1000 PUMP 0001', 0);
INSERT INTO public.material_items VALUES (1, 2, 'exploded', 'issue', '261', 'RING', 'RM01', '', '', -2000000, 'PC', 240000, 'PCC 1000 PUMP 0001', 0);
INSERT INTO public.material_items VALUES (1, 3, 'exploded', 'issue', '261', 'GLUE', 'RM01', '', '', -333000, 'KG', 21310000, 'PCC 1000 PUMP 0001', 0);
INSERT INTO public.material_items VALUES (2, 1, 'exploded', 'receipt', '131', 'CABLE', 'FG01', '', '', 1000000, 'PC', -1980000, 'PCC 1000 CABLE 0001', 0);
INSERT INTO public.material_items VALUES (2, 2, 'exploded', 'issue', '261', 'PLUG', 'TIGHT', '', '', -1000000, 'PC', 520000, 'PCC 1000 CABLE 0001', 0);
INSERT INTO public.material_items VALUES (5, 1, 'exploded', 'issue', '261', 'RING', 'RM01', '', '', -2000000, 'PC', 240000, 'PCC 1000 PUMP 0001', 0);
INSERT INTO public.material_items VALUES (5, 2, 'exploded', 'issue', '261', 'GLUE', 'RM01', '', '', -334000, 'KG', 21380000, 'PCC 1000 PUMP 0001', 0);
INSERT INTO public.material_items VALUES (7, 2, 'mirror', 'issue', '262', 'RING', 'RM01', '', '', 2000000, 'PC', -240000, 'PCC 1000 PUMP 0001', 1);
INSERT INTO public.material_items VALUES (7, 3, 'mirror', 'issue', '262', 'GLUE', 'RM01', '', '', 333000, 'KG', -21310000, 'PCC 1000 PUMP 0001', 1);
INSERT INTO public.material_items VALUES (7, 4, 'mirror', 'receipt', '132', 'PUMP', 'FG01', '', '', -1000000, 'PC', 31800000, 'PCC 1000 PUMP 0001', 1);
INSERT INTO public.material_items VALUES (9, 1, 'exploded', 'receipt', '131', 'CABLE', 'FG01', '', '', 1000000, 'PC', -1980000, 'PCC 1000 CABLE 0001', 0);
INSERT INTO public.material_items VALUES (9, 2, 'exploded', 'issue', '261', 'PLUG', 'TIGHT', '', '', -1000000, 'PC', 520000, 'PCC 1000 CABLE 0001', 0);
INSERT INTO public.material_items VALUES (10, 1, 'exploded', 'receipt', '131', 'CABLE', 'FG01', '', '', 1000000, 'PC', -1980000, 'PCC 1000 CABLE 0001', 0);
INSERT INTO public.material_items VALUES (10, 2, 'exploded', 'issue', '261', 'PLUG', 'TIGHT', '', '', -1000000, 'PC', 520000, 'PCC 1000 CABLE 0001', 0);
INSERT INTO public.material_items VALUES (11, 1, 'exploded', 'receipt', '131', 'CABLE', 'FG01', '', '', 1000000, 'PC', -1980000, 'PCC 1000 CABLE 0001', 0);
INSERT INTO public.material_items VALUES (11, 2, 'exploded', 'issue', '261', 'PLUG', 'TIGHT', '', '', -1000000, 'PC', 520000, 'PCC 1000 CABLE 0001', 0);
INSERT INTO public.material_items VALUES (12, 1, 'exploded', 'receipt', '131', 'CABLE', 'FG01', '', '', 1000000, 'PC', -1980000, 'PCC 1000 CABLE 0001', 0);
INSERT INTO public.material_items VALUES (12, 2, 'exploded', 'issue', '261', 'PLUG', 'TIGHT', '', '', -1000000, 'PC', 520000, 'PCC 1000 CABLE 0001', 0);
INSERT INTO public.material_items VALUES (13, 1, 'exploded', 'receipt', '131', 'PUMP', 'FG01', '', '', 3000000, 'PC', -95400000, 'PCC 1000 PUMP 0001', 0);
INSERT INTO public.material_items VALUES (13, 2, 'exploded', 'issue', '261', 'RING', 'RM01', '', '', -6000000, 'PC', 720000, 'PCC 1000 PUMP 0001', 0);
INSERT INTO public.material_items VALUES (13, 3, 'exploded', 'issue', '261', 'GLUE', 'RM01', '', '', -999000, 'KG', 63930000, 'PCC 1000 PUMP 0001', 0);
INSERT INTO public.material_items VALUES (14, 1, 'exploded', 'receipt', '131', 'PUMP', 'FG01', '', '', 40000000, 'PC', -1272000000, 'PCC 1000 PUMP 0001', 0);
INSERT INTO public.material_items VALUES (14, 2, 'exploded', 'issue', '261', 'RING', 'RM01', '', '', -80000000, 'PC', 9600000, 'PCC 1000 PUMP 0001', 0);
INSERT INTO public.material_items VALUES (14, 3, 'exploded', 'issue', '261', 'GLUE', 'RM01', '', '', -13332000, 'KG', 853250000, 'PCC 1000 PUMP 0001', 0);
INSERT INTO public.material_items VALUES (15, 1, 'exploded', 'receipt', '131', 'CABLE', 'FG01', '', '', 1000000, 'PC', -1980000, 'PCC 1000 CABLE 0001', 0);
INSERT INTO public.material_items VALUES (15, 2, 'exploded', 'issue', '261', 'PLUG', 'TIGHT', '', '', -1000000, 'PC', 520000, 'PCC 1000 CABLE 0001', 0);
INSERT INTO public.material_items VALUES (16, 1, 'exploded', 'receipt', '131', 'CABLE', 'FG01', '', '', 1000000, 'PC', -1980000, 'PCC 1000 CABLE 0001', 0);
INSERT INTO public.material_items VALUES (16, 2, 'exploded', 'issue', '261', 'PLUG', 'TIGHT', '', '', -1000000, 'PC', 520000, 'PCC 1000 CABLE 0001', 0);
INSERT INTO public.material_items VALUES (17, 1, 'exploded', 'receipt', '131', 'CABLE', 'FG01', '', '', 1000000, 'PC', -1980000, 'PCC 1000 CABLE 0001', 0);
INSERT INTO public.material_items VALUES (17, 2, 'exploded', 'issue', '261', 'PLUG', 'TIGHT', '', '', -1000000, 'PC', 520000, 'PCC 1000 CABLE 0001', 0);
INSERT INTO public.material_items VALUES (20, 2, 'mirror', 'issue', '262', 'RING', 'RM01', '', '', 6000000, 'PC', -720000, 'PCC 1000 PUMP 0001', 13);
INSERT INTO public.material_items VALUES (20, 3, 'mirror', 'issue', '262', 'GLUE', 'RM01', '', '', 999000, 'KG', -63930000, 'PCC 1000 PUMP 0001', 13);
INSERT INTO public.material_items VALUES (20, 4, 'mirror', 'receipt', '132', 'PUMP', 'FG01', '', '', -3000000, 'PC', 95400000, 'PCC 1000 PUMP 0001', 13);
INSERT INTO public.material_items VALUES (22, 1, 'exploded', 'receipt', '131', 'PUMP', 'FG01', '', '', 40000000, 'PC', -1272000000, 'PCC 1000 PUMP 0001', 0);
INSERT INTO public.material_items VALUES (22, 2, 'exploded', 'issue', '261', 'RING', 'RM01', '', '', -80000000, 'PC', 9600000, 'PCC 1000 PUMP 0001', 0);
INSERT INTO public.material_items VALUES (22, 3, 'exploded', 'issue', '261', 'GLUE', 'RM01', '', '', -13331000, 'KG', 853180000, 'PCC 1000 PUMP 0001', 0);
INSERT INTO public.material_items VALUES (23, 1, 'exploded', 'receipt', '131', 'CABLE', 'FG01', '', '', 1000000, 'PC', -1980000, 'PCC 1000 CABLE 0001', 0);
INSERT INTO public.material_items VALUES (23, 2, 'exploded', 'issue', '261', 'PLUG', 'TIGHT', '', '', -1000000, 'PC', 520000, 'PCC 1000 CABLE 0001', 0);
INSERT INTO public.material_items VALUES (25, 1, 'exploded', 'receipt', '131', 'PUMP', 'FG01', '', '', 3000000, 'PC', -95400000, 'PCC 1000 PUMP 0001', 0);
INSERT INTO public.material_items VALUES (25, 2, 'exploded', 'issue', '261', 'RING', 'RM01', '', '', -6000000, 'PC', 720000, 'PCC 1000 PUMP 0001', 0);
INSERT INTO public.material_items VALUES (25, 3, 'exploded', 'issue', '261', 'GLUE', 'RM01', '', '', -1000000, 'KG', 64000000, 'PCC 1000 PUMP 0001', 0);
INSERT INTO public.material_items VALUES (26, 1, 'exploded', 'receipt', '131', 'CABLE', 'FG01', '', '', 1000000, 'PC', -1980000, 'PCC 1000 CABLE 0001', 0);
INSERT INTO public.material_items VALUES (29, 1, 'exploded', 'receipt', '131', 'CABLE', 'FG01', '', '', 1000000, 'PC', -1980000, 'PCC 1000 CABLE 0001', 0);
INSERT INTO public.material_items VALUES (31, 1, 'exploded', 'receipt', '131', 'VALVE', 'FG01', '', '', 40000000, 'PC', -500000000, 'PCC 1000 VALVE 0001', 0);
INSERT INTO public.material_items VALUES (33, 1, 'exploded', 'receipt', '131', 'CABLE', 'FG01', '', '', 1000000, 'PC', -1980000, 'PCC 1000 CABLE 0001', 0);
INSERT INTO public.material_items VALUES (34, 1, 'exploded', 'receipt', '131', 'PUMP', 'FG01', '', '', 2000000, 'PC', -63600000, 'PCC 1000 PUMP 0001', 0);
INSERT INTO public.material_items VALUES (34, 2, 'exploded', 'issue', '261', 'RING', 'RM01', '', '', -4000000, 'PC', 480000, 'PCC 1000 PUMP 0001', 0);
INSERT INTO public.material_items VALUES (34, 3, 'exploded', 'issue', '261', 'GLUE', 'RM01', '', '', -667000, 'KG', 42690000, 'PCC 1000 PUMP 0001', 0);
INSERT INTO public.material_items VALUES (37, 1, 'exploded', 'receipt', '131', 'VALVE', 'FG01', '', '', 1000000, 'PC', -12500000, 'PCC 1000 VALVE 0001', 0);


--
-- Data for Name: opening_stock; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.opening_stock VALUES ('1000', 'PLUG', 'TIGHT', '', '', 9000000);


--
-- Data for Name: order_segments; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: orders; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: outcomes; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.outcomes VALUES (0, 'settings', 1);
INSERT INTO public.outcomes VALUES (0, 'import', 2);
INSERT INTO public.outcomes VALUES (0, 'request', 12);
INSERT INTO public.outcomes VALUES (0, 'counted', 30);
INSERT INTO public.outcomes VALUES (0, 'quarantine', 12);
INSERT INTO public.outcomes VALUES (0, 'duplicate', 21);
INSERT INTO public.outcomes VALUES (0, 'heartbeat', 41);


--
-- Data for Name: periods; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: quarantine; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.quarantine VALUES (1, 458754, 'unbooked', 'BF3001', 'line 1000/L09 has no production version', '1000', 'L09', 'strange', 1796030395562894, 5000000, 1000000, 'bf/v1/1000/L09/strange/count', '\x7b22676f6f64223a20352c2022626f6f74223a20226c6966652d30222c2022736571223a20322c20227363726170223a20317d', '{"scrap": {"": 1000000}, "batch": "", "operation": "", "unit": ""}', 'open', '');
INSERT INTO public.quarantine VALUES (2, 720900, 'unbooked', 'BF3001', 'line 1000/L09 has no production version', '1000', 'L09', 'strange', 1796030395663896, 2000000, 0, 'bf/v1/1000/L09/strange/count', '\x7b22676f6f64223a20372c2022626f6f74223a20226c6966652d30222c2022736571223a20332c20227363726170223a20317d', '{"scrap": {}, "batch": "", "operation": "", "unit": ""}', 'open', '');
INSERT INTO public.quarantine VALUES (3, 786433, 'unbooked', 'BF3001', 'line 1000/L09 has no production version', '1000', 'L09', 'strange', 1796030395764894, 4000000, 0, 'bf/v1/1000/L09/strange/count', '\x7b22676f6f64223a2031312c2022626f6f74223a20226c6966652d30222c2022736571223a20352c20227363726170223a20317d', '{"scrap": {}, "batch": "", "operation": "", "unit": ""}', 'open', '');
INSERT INTO public.quarantine VALUES (4, 786434, 'untrusted', 'BF2001', 'device nobody is not in the master data', '1000', 'L01', 'nobody', 1796030395764894, 0, 0, 'bf/v1/1000/L01/nobody/count', '\x37', '{}', 'open', '');
INSERT INTO public.quarantine VALUES (5, 786435, 'untrusted', 'BF1004', 'payload: expected one JSON value, got a fault at 8: a value is missing', '1000', 'L01', 'pumps', 1796030395764894, 0, 0, 'bf/v1/1000/L01/pumps/count', '\x7b22676f6f64223a', '{"boot": "life-0", "totals": []}', 'healed', 'a later total of the same life covers it');
INSERT INTO public.quarantine VALUES (6, 983042, 'unbooked', 'BF3001', 'line 1000/L09 has no production version', '1000', 'L09', 'strange', 1796030397476894, 40000000, 1000000, 'bf/v1/1000/L09/strange/count', '\x7b22676f6f64223a2035312c2022626f6f74223a20226c6966652d30222c2022736571223a20372c20227363726170223a20327d', '{"scrap": {"": 1000000}, "batch": "", "operation": "", "unit": ""}', 'open', '');
INSERT INTO public.quarantine VALUES (7, 983052, 'unbooked', 'BF3001', 'line 1000/L09 has no production version', '1000', 'L09', 'strange', 1796030397476894, 1000000, 1000000, 'bf/v1/1000/L09/strange/count', '\x7b22676f6f64223a2035322c2022626f6f74223a20226c6966652d30222c2022736571223a20382c20227363726170223a20337d', '{"scrap": {"": 1000000}, "batch": "", "operation": "", "unit": ""}', 'open', '');
INSERT INTO public.quarantine VALUES (8, 983054, 'unbooked', 'BF3001', 'line 1000/L09 has no production version', '1000', 'L09', 'strange', 1796030397476894, 5000000, 0, 'bf/v1/1000/L09/strange/count', '\x7b22676f6f64223a2035372c2022626f6f74223a20226c6966652d30222c2022736571223a20392c20227363726170223a20337d', '{"scrap": {}, "batch": "", "operation": "", "unit": ""}', 'open', '');
INSERT INTO public.quarantine VALUES (9, 1114119, 'untrusted', 'BF9001', 'its sender was told: not stored, scan again', '1000', 'L03', 'scanner', 1796030399276895, 0, 0, 'bf/v1/1000/L03/scanner/scan', '\x7b226964223a20227363616e2d3132222c202264617461223a202243415244227d', '{"plant": "", "line": "", "point": "", "operator": "", "quantity": 0, "mode": "", "reason": "", "undo": 29, "undo_to": 29, "earlier": "9-9 10-10 11-11 12-12 15-15 16-16 17-17 23-23 26-26", "code": "8da0d21e719b65f5f78f24a6377957a5"}', 'repeated', 'by document 0000000033');
INSERT INTO public.quarantine VALUES (10, 1114121, 'untrusted', 'BF9001', 'its sender was told: not stored, scan again', '1000', 'L03', 'scanner', 1796030399276895, 0, 0, 'bf/v1/1000/L03/scanner/scan', '\x7b226964223a20227363616e2d3134222c202264617461223a202243415244227d', '{"plant": "", "line": "", "point": "", "operator": "", "quantity": 0, "mode": "", "reason": "", "undo": 29, "undo_to": 29, "earlier": "9-9 10-10 11-11 12-12 15-15 16-16 17-17 23-23 26-26", "code": "8da0d21e719b65f5f78f24a6377957a5"}', 'repeated', 'by document 0000000033');
INSERT INTO public.quarantine VALUES (11, 1114122, 'untrusted', 'BF9001', 'its sender was told: not stored, scan again', '1000', 'L03', 'scanner', 1796030399276895, 0, 0, 'bf/v1/1000/L03/scanner/scan', '\x7b226964223a20227363616e2d3135222c202264617461223a202243415244227d', '{"plant": "", "line": "", "point": "", "operator": "", "quantity": 0, "mode": "", "reason": "", "undo": 29, "undo_to": 29, "earlier": "9-9 10-10 11-11 12-12 15-15 16-16 17-17 23-23 26-26", "code": "8da0d21e719b65f5f78f24a6377957a5"}', 'repeated', 'by document 0000000033');
INSERT INTO public.quarantine VALUES (12, 1769476, 'unbooked', 'BF3001', 'line 1000/L09 has no production version', '1000', 'L09', 'strange', 1795345321215000, 1000000, 0, 'bf/v1/1000/L09/strange/count', '\x7b22676f6f64223a2035382c2022626f6f74223a20226c6966652d30222c2022736571223a2032302c20227363726170223a20337d', '{"scrap": {}, "batch": "", "operation": "", "unit": ""}', 'open', '');


--
-- Data for Name: quarantine_folds; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: reductions; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: rules; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.rules VALUES (0, '{"window":"2s","skew":300000000,"late_max":259200000000,"duplicate_window":3000000,"worklist":"demand","base":"bf/v1","requests":["post","reverse","work"],"lines":["*"],"open_names":[],"edition":5}');


--
-- Data for Name: runs; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.runs VALUES ('1000', 'L01', 1767222000000000, 0, 'PUMP', '0001', '', '', '', '', 'tests', 0);
INSERT INTO public.runs VALUES ('1000', 'L02', 1767222000000000, 0, 'VALVE', '0001', '', '', '', '', 'tests', 0);
INSERT INTO public.runs VALUES ('1000', 'L03', 1767222000000000, 0, 'CABLE', '0001', '', '', '', '', 'tests', 0);


--
-- Data for Name: scans; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.scans VALUES ('scanner', 'scan-3', '9472068d6821ba22ce8132b45390530e', 'ok', 'BF0000', '1 PC', 'CABLE, L03: 1 this shift', 2, 1000000, 'final', 0, '{"material": "CABLE", "unit": "PC", "version": "0001", "line": "L03", "kind": "yield", "shift_total": "1"}');
INSERT INTO public.scans VALUES ('scanner', 'scan-1', '9472068d6821ba22ce8132b45390530e', 'ok', 'BF0000', '1 PC', 'CABLE, L03: 4 this shift', 11, 1000000, 'final', 0, '{"material": "CABLE", "unit": "PC", "version": "0001", "line": "L03", "kind": "yield", "shift_total": "4"}');
INSERT INTO public.scans VALUES ('scanner', 'scan-5', '9472068d6821ba22ce8132b45390530e', 'ok', 'BF0000', '1 PC', 'CABLE, L03: 2 this shift', 9, 1000000, 'final', 0, '{"material": "CABLE", "unit": "PC", "version": "0001", "line": "L03", "kind": "yield", "shift_total": "2"}');
INSERT INTO public.scans VALUES ('scanner', 'scan-6', '9472068d6821ba22ce8132b45390530e', 'ok', 'BF0000', '1 PC', 'CABLE, L03: 3 this shift', 10, 1000000, 'final', 0, '{"material": "CABLE", "unit": "PC", "version": "0001", "line": "L03", "kind": "yield", "shift_total": "3"}');
INSERT INTO public.scans VALUES ('scanner', 'scan-7', '9472068d6821ba22ce8132b45390530e', 'ok', 'BF0000', '1 PC', 'CABLE, L03: 5 this shift', 12, 1000000, 'final', 0, '{"material": "CABLE", "unit": "PC", "version": "0001", "line": "L03", "kind": "yield", "shift_total": "5"}');
INSERT INTO public.scans VALUES ('scanner', 'scan-10', '9472068d6821ba22ce8132b45390530e', 'ok', 'BF0000', '1 PC', 'CABLE, L03: 8 this shift', 17, 1000000, 'final', 0, '{"material": "CABLE", "unit": "PC", "version": "0001", "line": "L03", "kind": "yield", "shift_total": "8"}');
INSERT INTO public.scans VALUES ('scanner', 'scan-2', '9472068d6821ba22ce8132b45390530e', 'ok', 'BF0000', '1 PC', 'CABLE, L03: 7 this shift', 16, 1000000, 'final', 0, '{"material": "CABLE", "unit": "PC", "version": "0001", "line": "L03", "kind": "yield", "shift_total": "7"}');
INSERT INTO public.scans VALUES ('scanner', 'scan-9', '9472068d6821ba22ce8132b45390530e', 'ok', 'BF0000', '1 PC', 'CABLE, L03: 6 this shift', 15, 1000000, 'final', 0, '{"material": "CABLE", "unit": "PC", "version": "0001", "line": "L03", "kind": "yield", "shift_total": "6"}');
INSERT INTO public.scans VALUES ('scanner', 'scan-12', '9472068d6821ba22ce8132b45390530e', 'ok', 'BF0000', '1 PC', 'CABLE, L03: 9 this shift', 23, 1000000, 'final', 0, '{"material": "CABLE", "unit": "PC", "version": "0001", "line": "L03", "kind": "yield", "shift_total": "9"}');
INSERT INTO public.scans VALUES ('scanner', 'scan-14', '9472068d6821ba22ce8132b45390530e', 'ok', 'BF0000', '1 PC', 'CABLE, L03: 10 this shift; missing, and kept in the backlog: 1 PC PLUG', 26, 1000000, 'final', 0, '{"material": "CABLE", "unit": "PC", "version": "0001", "line": "L03", "kind": "yield", "shift_total": "10"}');
INSERT INTO public.scans VALUES ('scanner', 'scan-15', '9472068d6821ba22ce8132b45390530e', 'ok', 'BF0000', '1 PC', 'CABLE, L03: 11 this shift; missing, and kept in the backlog: 1 PC PLUG', 29, 1000000, 'final', 0, '{"material": "CABLE", "unit": "PC", "version": "0001", "line": "L03", "kind": "yield", "shift_total": "11"}');
INSERT INTO public.scans VALUES ('scanner', 'scan-16', '9472068d6821ba22ce8132b45390530e', 'ok', 'BF0000', '1 PC', 'CABLE, L03: 12 this shift; missing, and kept in the backlog: 1 PC PLUG', 33, 1000000, 'final', 0, '{"material": "CABLE", "unit": "PC", "version": "0001", "line": "L03", "kind": "yield", "shift_total": "12"}');


--
-- Data for Name: serials; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: source_names; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: sources; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.sources VALUES (1, 1, 'pumps', 262146, 262146, 1, 1000000, 0, 1796030391362894, 1796030391362894, 0);
INSERT INTO public.sources VALUES (2, 1, 'scanner', 327681, 327681, 1, 1000000, 0, 1796030391362895, 1796030391362895, 0);
INSERT INTO public.sources VALUES (4, 1, 'valves', 393217, 393217, 1, 42000000, 1000000, 1796030395462894, 1796030395462894, 0);
INSERT INTO public.sources VALUES (5, 1, 'pumps', 524289, 524289, 1, 0, 1000000, 1796030395662894, 1796030395662894, 0);
INSERT INTO public.sources VALUES (8, 1, 'valves', 589826, 589826, 1, 85000000, 0, 1796030395663894, 1796030395663894, 0);
INSERT INTO public.sources VALUES (9, 1, 'scanner', 655361, 655361, 1, 1000000, 0, 1796030395663895, 1796030395663895, 0);
INSERT INTO public.sources VALUES (10, 1, 'scanner', 720898, 720898, 1, 1000000, 0, 1796030395663896, 1796030395663896, 0);
INSERT INTO public.sources VALUES (11, 1, 'scanner', 720899, 720899, 1, 1000000, 0, 1796030395663896, 1796030395663896, 0);
INSERT INTO public.sources VALUES (12, 1, 'scanner', 851969, 851969, 1, 1000000, 0, 1796030395865894, 1796030395865894, 0);
INSERT INTO public.sources VALUES (13, 1, '', 851970, 851970, 1, 3000000, 0, 1796030395865894, 1796030395865894, 0);
INSERT INTO public.sources VALUES (14, 1, 'pumps', 851971, 851971, 1, 40000000, 0, 1796030395865894, 1796030395865894, 0);
INSERT INTO public.sources VALUES (15, 1, 'scanner', 851973, 851973, 1, 1000000, 0, 1796030395865894, 1796030395865894, 0);
INSERT INTO public.sources VALUES (16, 1, 'scanner', 851974, 851974, 1, 1000000, 0, 1796030395865894, 1796030395865894, 0);
INSERT INTO public.sources VALUES (17, 1, 'scanner', 851977, 851977, 1, 1000000, 0, 1796030395865894, 1796030395865894, 0);
INSERT INTO public.sources VALUES (21, 1, 'valves', 851975, 983047, 3, 7000000, 0, 1796030395865894, 1796030397476894, 0);
INSERT INTO public.sources VALUES (22, 1, 'pumps', 983048, 983048, 1, 40000000, 0, 1796030397476894, 1796030397476894, 0);
INSERT INTO public.sources VALUES (23, 1, 'scanner', 983050, 983050, 1, 1000000, 0, 1796030397476894, 1796030397476894, 0);
INSERT INTO public.sources VALUES (25, 1, '', 983053, 983053, 1, 3000000, 0, 1796030397476894, 1796030397476894, 0);
INSERT INTO public.sources VALUES (26, 1, 'scanner', 983055, 983055, 1, 1000000, 0, 1796030397476894, 1796030397476894, 0);
INSERT INTO public.sources VALUES (28, 1, 'valves', 1048577, 1048577, 1, 40000000, 1000000, 1796030397476895, 1796030397476895, 0);
INSERT INTO public.sources VALUES (29, 1, 'scanner', 1048578, 1048578, 1, 1000000, 0, 1796030397476895, 1796030397476895, 0);
INSERT INTO public.sources VALUES (30, 1, 'valves-0010', 983056, 983058, 2, 42000000, 0, 1796030397476894, 1796030397476894, 0);
INSERT INTO public.sources VALUES (33, 1, 'scanner', 1245185, 1245185, 1, 1000000, 0, 1796030400476896, 1796030400476896, 0);
INSERT INTO public.sources VALUES (34, 1, 'pumps', 1769473, 1769473, 1, 2000000, 0, 1795345321215000, 1795345321215000, 0);
INSERT INTO public.sources VALUES (36, 1, 'valves-0010', 1769474, 1769474, 1, 1000000, 0, 1795345321215000, 1795345321215000, 0);


--
-- Data for Name: statistics; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.statistics VALUES ('1000', '2026-11-30', 'early', 'L03', 'CABLE', '0001', 'yield', 'final', 'PC', 12000000);
INSERT INTO public.statistics VALUES ('1000', '2026-11-30', 'early', 'L01', 'PUMP', '0001', 'scrap', 'final', 'PC', 1000000);
INSERT INTO public.statistics VALUES ('1000', '2026-11-30', 'early', 'L01', 'PUMP', '0001', 'activity', 'LABOUR', 'H', 1260000);
INSERT INTO public.statistics VALUES ('1000', '2026-11-30', 'early', 'L01', 'PUMP', '0001', 'component', 'GLUE', 'KG', 27997000);
INSERT INTO public.statistics VALUES ('1000', '2026-11-30', 'early', 'L01', 'PUMP', '0001', 'component', 'RING', 'PC', 168000000);
INSERT INTO public.statistics VALUES ('1000', '2026-11-30', 'early', 'L01', 'PUMP', '0001', 'yield', 'final', 'PC', 83000000);
INSERT INTO public.statistics VALUES ('1000', '2026-11-30', 'early', 'L02', 'VALVE', '0001', 'scrap', 'final', 'PC', 2000000);
INSERT INTO public.statistics VALUES ('1000', '2026-11-30', 'early', 'L02', 'VALVE', '0001', 'yield', '0010', 'PC', 42000000);
INSERT INTO public.statistics VALUES ('1000', '2026-11-30', 'early', 'L03', 'CABLE', '0001', 'component', 'PLUG', 'PC', 12000000);
INSERT INTO public.statistics VALUES ('1000', '2026-11-22', 'early', 'L01', 'PUMP', '0001', 'component', 'GLUE', 'KG', 667000);
INSERT INTO public.statistics VALUES ('1000', '2026-11-22', 'early', 'L01', 'PUMP', '0001', 'component', 'RING', 'PC', 4000000);
INSERT INTO public.statistics VALUES ('1000', '2026-11-22', 'early', 'L01', 'PUMP', '0001', 'yield', 'final', 'PC', 2000000);
INSERT INTO public.statistics VALUES ('1000', '2026-11-22', 'early', 'L01', 'PUMP', '0001', 'activity', 'LABOUR', 'H', 30000);
INSERT INTO public.statistics VALUES ('1000', '2026-11-22', 'early', 'L02', 'VALVE', '0001', 'yield', '0010', 'PC', 1000000);
INSERT INTO public.statistics VALUES ('1000', '2026-11-30', 'early', 'L02', 'VALVE', '0001', 'yield', 'final', 'PC', 41000000);


--
-- Data for Name: stock; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.stock VALUES ('1000', 'PLUG', 'TIGHT', '', '', 0);
INSERT INTO public.stock VALUES ('1000', 'CABLE', 'FG01', '', '', 12000000);
INSERT INTO public.stock VALUES ('1000', 'GLUE', 'RM01', '', '', -28664000);
INSERT INTO public.stock VALUES ('1000', 'PUMP', 'FG01', '', '', 85000000);
INSERT INTO public.stock VALUES ('1000', 'RING', 'RM01', '', '', -172000000);
INSERT INTO public.stock VALUES ('1000', 'VALVE', 'FG01', '', '', 41000000);


--
-- Data for Name: waiting; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.waiting VALUES ('1000/VALVE/0001/PCC 1000 VALVE 0001/0010-final', 'final', 8, '1000', 'L02', '2c323739556cbab26a81c0ea6255975f', '2026-11-30', 'early', '', '', '[]', 85000000, '{}', 0);
INSERT INTO public.waiting VALUES ('1000/VALVE/0001/PCC 1000 VALVE 0001/0010-final', 'final', 21, '1000', 'L02', '2c323739556cbab26a81c0ea6255975f', '2026-11-30', 'early', '', '', '[]', 7000000, '{}', 0);
INSERT INTO public.waiting VALUES ('1000/VALVE/0001/PCC 1000 VALVE 0001/0010-final', 'final', 28, '1000', 'L02', '2c323739556cbab26a81c0ea6255975f', '2026-11-30', 'early', '', '', '[]', 40000000, '{}', 0);
INSERT INTO public.waiting VALUES ('1000/VALVE/0001/PCC 1000 VALVE 0001/0010-final', 'final', 4, '1000', 'L02', '2c323739556cbab26a81c0ea6255975f', '2026-11-30', 'early', '', '', '[]', 1000000, '{}', 0);


--
-- Data for Name: windows; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.windows VALUES ('1000/VALVE/0001/PCC 1000 VALVE 0001/0010-final', 'final', '2c323739556cbab26a81c0ea6255975f', '2026-11-22', 'early', '', 'L02', 'pieces', '1000', 1795352400000000, 7, 5000000, '{"":1000000}', 0, '{"valves":[1769475,1795345321215000,1769475,1795345321215000,1,5000000,1000000,0]}');


--
-- Data for Name: worklist_rows; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.worklist_rows VALUES (2, 'receipt', 'final', 'b43c705463846b4236a78cdafb0d7b9e', '', '1000/CABLE/0001/PCC 1000 CABLE 0001/final', 1000000, '1000', 'L03', '2026-11-30', '2026-11-30', 'early', 'online', 0, 'posted', 0, 2, 0);
INSERT INTO public.worklist_rows VALUES (2, 'issue', 'final', 'b43c705463846b4236a78cdafb0d7b9e', '', '1000/CABLE/0001/PCC 1000 CABLE 0001/final', 1000000, '1000', 'L03', '2026-11-30', '2026-11-30', 'early', 'online', 0, 'posted', 0, 2, 0);
INSERT INTO public.worklist_rows VALUES (5, 'issue', 'final', '14eb8e94f5c4e276fcabf23713f6e9ac', '', '1000/PUMP/0001/PCC 1000 PUMP 0001/final', 1000000, '1000', 'L01', '2026-11-30', '2026-11-30', 'early', 'online', 0, 'posted', 1000000, 5, 0);
INSERT INTO public.worklist_rows VALUES (5, 'activity', 'final', '14eb8e94f5c4e276fcabf23713f6e9ac', '', '1000/PUMP/0001/PCC 1000 PUMP 0001/final', 1000000, '1000', 'L01', '2026-11-30', '2026-11-30', 'early', 'update', 0, 'posted', 1000000, 6, 0);
INSERT INTO public.worklist_rows VALUES (1, 'activity', 'final', '14eb8e94f5c4e276fcabf23713f6e9ac', '', '1000/PUMP/0001/PCC 1000 PUMP 0001/final', 1000000, '1000', 'L01', '2026-11-30', '2026-11-30', 'early', 'update', 0, 'posted', 0, 3, 1000000);
INSERT INTO public.worklist_rows VALUES (1, 'issue', 'final', '14eb8e94f5c4e276fcabf23713f6e9ac', '', '1000/PUMP/0001/PCC 1000 PUMP 0001/final', 1000000, '1000', 'L01', '2026-11-30', '2026-11-30', 'early', 'online', 0, 'posted', 0, 1, 1000000);
INSERT INTO public.worklist_rows VALUES (1, 'receipt', 'final', '14eb8e94f5c4e276fcabf23713f6e9ac', '', '1000/PUMP/0001/PCC 1000 PUMP 0001/final', 1000000, '1000', 'L01', '2026-11-30', '2026-11-30', 'early', 'online', 0, 'posted', 0, 1, 1000000);
INSERT INTO public.worklist_rows VALUES (9, 'receipt', 'final', 'b43c705463846b4236a78cdafb0d7b9e', '', '1000/CABLE/0001/PCC 1000 CABLE 0001/final', 1000000, '1000', 'L03', '2026-11-30', '2026-11-30', 'early', 'online', 0, 'posted', 1000000, 9, 0);
INSERT INTO public.worklist_rows VALUES (9, 'issue', 'final', 'b43c705463846b4236a78cdafb0d7b9e', '', '1000/CABLE/0001/PCC 1000 CABLE 0001/final', 1000000, '1000', 'L03', '2026-11-30', '2026-11-30', 'early', 'online', 0, 'posted', 1000000, 9, 0);
INSERT INTO public.worklist_rows VALUES (10, 'receipt', 'final', 'b43c705463846b4236a78cdafb0d7b9e', '', '1000/CABLE/0001/PCC 1000 CABLE 0001/final', 1000000, '1000', 'L03', '2026-11-30', '2026-11-30', 'early', 'online', 0, 'posted', 2000000, 10, 0);
INSERT INTO public.worklist_rows VALUES (10, 'issue', 'final', 'b43c705463846b4236a78cdafb0d7b9e', '', '1000/CABLE/0001/PCC 1000 CABLE 0001/final', 1000000, '1000', 'L03', '2026-11-30', '2026-11-30', 'early', 'online', 0, 'posted', 2000000, 10, 0);
INSERT INTO public.worklist_rows VALUES (11, 'receipt', 'final', 'b43c705463846b4236a78cdafb0d7b9e', '', '1000/CABLE/0001/PCC 1000 CABLE 0001/final', 1000000, '1000', 'L03', '2026-11-30', '2026-11-30', 'early', 'online', 0, 'posted', 3000000, 11, 0);
INSERT INTO public.worklist_rows VALUES (11, 'issue', 'final', 'b43c705463846b4236a78cdafb0d7b9e', '', '1000/CABLE/0001/PCC 1000 CABLE 0001/final', 1000000, '1000', 'L03', '2026-11-30', '2026-11-30', 'early', 'online', 0, 'posted', 3000000, 11, 0);
INSERT INTO public.worklist_rows VALUES (12, 'receipt', 'final', 'b43c705463846b4236a78cdafb0d7b9e', '', '1000/CABLE/0001/PCC 1000 CABLE 0001/final', 1000000, '1000', 'L03', '2026-11-30', '2026-11-30', 'early', 'online', 0, 'posted', 4000000, 12, 0);
INSERT INTO public.worklist_rows VALUES (12, 'issue', 'final', 'b43c705463846b4236a78cdafb0d7b9e', '', '1000/CABLE/0001/PCC 1000 CABLE 0001/final', 1000000, '1000', 'L03', '2026-11-30', '2026-11-30', 'early', 'online', 0, 'posted', 4000000, 12, 0);
INSERT INTO public.worklist_rows VALUES (14, 'receipt', 'final', '14eb8e94f5c4e276fcabf23713f6e9ac', '', '1000/PUMP/0001/PCC 1000 PUMP 0001/final', 40000000, '1000', 'L01', '2026-11-30', '2026-11-30', 'early', 'online', 0, 'posted', 4000000, 14, 0);
INSERT INTO public.worklist_rows VALUES (14, 'issue', 'final', '14eb8e94f5c4e276fcabf23713f6e9ac', '', '1000/PUMP/0001/PCC 1000 PUMP 0001/final', 40000000, '1000', 'L01', '2026-11-30', '2026-11-30', 'early', 'online', 0, 'posted', 5000000, 14, 0);
INSERT INTO public.worklist_rows VALUES (15, 'receipt', 'final', 'b43c705463846b4236a78cdafb0d7b9e', '', '1000/CABLE/0001/PCC 1000 CABLE 0001/final', 1000000, '1000', 'L03', '2026-11-30', '2026-11-30', 'early', 'online', 0, 'posted', 5000000, 15, 0);
INSERT INTO public.worklist_rows VALUES (15, 'issue', 'final', 'b43c705463846b4236a78cdafb0d7b9e', '', '1000/CABLE/0001/PCC 1000 CABLE 0001/final', 1000000, '1000', 'L03', '2026-11-30', '2026-11-30', 'early', 'online', 0, 'posted', 5000000, 15, 0);
INSERT INTO public.worklist_rows VALUES (16, 'receipt', 'final', 'b43c705463846b4236a78cdafb0d7b9e', '', '1000/CABLE/0001/PCC 1000 CABLE 0001/final', 1000000, '1000', 'L03', '2026-11-30', '2026-11-30', 'early', 'online', 0, 'posted', 6000000, 16, 0);
INSERT INTO public.worklist_rows VALUES (16, 'issue', 'final', 'b43c705463846b4236a78cdafb0d7b9e', '', '1000/CABLE/0001/PCC 1000 CABLE 0001/final', 1000000, '1000', 'L03', '2026-11-30', '2026-11-30', 'early', 'online', 0, 'posted', 6000000, 16, 0);
INSERT INTO public.worklist_rows VALUES (17, 'receipt', 'final', 'b43c705463846b4236a78cdafb0d7b9e', '', '1000/CABLE/0001/PCC 1000 CABLE 0001/final', 1000000, '1000', 'L03', '2026-11-30', '2026-11-30', 'early', 'online', 0, 'posted', 7000000, 17, 0);
INSERT INTO public.worklist_rows VALUES (17, 'issue', 'final', 'b43c705463846b4236a78cdafb0d7b9e', '', '1000/CABLE/0001/PCC 1000 CABLE 0001/final', 1000000, '1000', 'L03', '2026-11-30', '2026-11-30', 'early', 'online', 0, 'posted', 7000000, 17, 0);
INSERT INTO public.worklist_rows VALUES (14, 'activity', 'final', '14eb8e94f5c4e276fcabf23713f6e9ac', '', '1000/PUMP/0001/PCC 1000 PUMP 0001/final', 40000000, '1000', 'L01', '2026-11-30', '2026-11-30', 'early', 'update', 0, 'posted', 5000000, 19, 0);
INSERT INTO public.worklist_rows VALUES (13, 'activity', 'final', '14eb8e94f5c4e276fcabf23713f6e9ac', '', '1000/PUMP/0001/PCC 1000 PUMP 0001/final', 3000000, '1000', 'L01', '2026-11-30', '2026-11-30', 'early', 'update', 0, 'posted', 2000000, 18, 3000000);
INSERT INTO public.worklist_rows VALUES (13, 'issue', 'final', '14eb8e94f5c4e276fcabf23713f6e9ac', '', '1000/PUMP/0001/PCC 1000 PUMP 0001/final', 3000000, '1000', 'L01', '2026-11-30', '2026-11-30', 'early', 'online', 0, 'posted', 2000000, 13, 3000000);
INSERT INTO public.worklist_rows VALUES (13, 'receipt', 'final', '14eb8e94f5c4e276fcabf23713f6e9ac', '', '1000/PUMP/0001/PCC 1000 PUMP 0001/final', 3000000, '1000', 'L01', '2026-11-30', '2026-11-30', 'early', 'online', 0, 'posted', 1000000, 13, 3000000);
INSERT INTO public.worklist_rows VALUES (22, 'receipt', 'final', '14eb8e94f5c4e276fcabf23713f6e9ac', '', '1000/PUMP/0001/PCC 1000 PUMP 0001/final', 40000000, '1000', 'L01', '2026-11-30', '2026-11-30', 'early', 'online', 0, 'posted', 44000000, 22, 0);
INSERT INTO public.worklist_rows VALUES (22, 'issue', 'final', '14eb8e94f5c4e276fcabf23713f6e9ac', '', '1000/PUMP/0001/PCC 1000 PUMP 0001/final', 40000000, '1000', 'L01', '2026-11-30', '2026-11-30', 'early', 'online', 0, 'posted', 45000000, 22, 0);
INSERT INTO public.worklist_rows VALUES (23, 'receipt', 'final', 'b43c705463846b4236a78cdafb0d7b9e', '', '1000/CABLE/0001/PCC 1000 CABLE 0001/final', 1000000, '1000', 'L03', '2026-11-30', '2026-11-30', 'early', 'online', 0, 'posted', 8000000, 23, 0);
INSERT INTO public.worklist_rows VALUES (22, 'activity', 'final', '14eb8e94f5c4e276fcabf23713f6e9ac', '', '1000/PUMP/0001/PCC 1000 PUMP 0001/final', 40000000, '1000', 'L01', '2026-11-30', '2026-11-30', 'early', 'update', 0, 'posted', 45000000, 24, 0);
INSERT INTO public.worklist_rows VALUES (23, 'issue', 'final', 'b43c705463846b4236a78cdafb0d7b9e', '', '1000/CABLE/0001/PCC 1000 CABLE 0001/final', 1000000, '1000', 'L03', '2026-11-30', '2026-11-30', 'early', 'online', 0, 'posted', 8000000, 23, 0);
INSERT INTO public.worklist_rows VALUES (25, 'receipt', 'final', '14eb8e94f5c4e276fcabf23713f6e9ac', '', '1000/PUMP/0001/PCC 1000 PUMP 0001/final', 3000000, '1000', 'L01', '2026-11-30', '2026-11-30', 'early', 'online', 0, 'posted', 84000000, 25, 0);
INSERT INTO public.worklist_rows VALUES (25, 'issue', 'final', '14eb8e94f5c4e276fcabf23713f6e9ac', '', '1000/PUMP/0001/PCC 1000 PUMP 0001/final', 3000000, '1000', 'L01', '2026-11-30', '2026-11-30', 'early', 'online', 0, 'posted', 85000000, 25, 0);
INSERT INTO public.worklist_rows VALUES (26, 'receipt', 'final', 'b43c705463846b4236a78cdafb0d7b9e', '', '1000/CABLE/0001/PCC 1000 CABLE 0001/final', 1000000, '1000', 'L03', '2026-11-30', '2026-11-30', 'early', 'online', 0, 'posted', 9000000, 26, 0);
INSERT INTO public.worklist_rows VALUES (26, 'issue', 'final', 'b43c705463846b4236a78cdafb0d7b9e', '', '1000/CABLE/0001/PCC 1000 CABLE 0001/final', 1000000, '1000', 'L03', '2026-11-30', '2026-11-30', 'early', 'online', 0, 'posted', 9000000, 26, 0);
INSERT INTO public.worklist_rows VALUES (25, 'activity', 'final', '14eb8e94f5c4e276fcabf23713f6e9ac', '', '1000/PUMP/0001/PCC 1000 PUMP 0001/final', 3000000, '1000', 'L01', '2026-11-30', '2026-11-30', 'early', 'update', 0, 'posted', 85000000, 27, 0);
INSERT INTO public.worklist_rows VALUES (29, 'receipt', 'final', 'b43c705463846b4236a78cdafb0d7b9e', '', '1000/CABLE/0001/PCC 1000 CABLE 0001/final', 1000000, '1000', 'L03', '2026-11-30', '2026-11-30', 'early', 'online', 0, 'posted', 10000000, 29, 0);
INSERT INTO public.worklist_rows VALUES (29, 'issue', 'final', 'b43c705463846b4236a78cdafb0d7b9e', '', '1000/CABLE/0001/PCC 1000 CABLE 0001/final', 1000000, '1000', 'L03', '2026-11-30', '2026-11-30', 'early', 'online', 0, 'posted', 10000000, 29, 0);
INSERT INTO public.worklist_rows VALUES (30, 'issue', '0010', '2c323739556cbab26a81c0ea6255975f', '', '1000/VALVE/0001/PCC 1000 VALVE 0001/0010-final', 42000000, '1000', 'L02', '2026-11-30', '2026-11-30', 'early', 'background', 1, 'open', 0, 0, 0);
INSERT INTO public.worklist_rows VALUES (30, 'activity', '0010', '2c323739556cbab26a81c0ea6255975f', '', '1000/VALVE/0001/PCC 1000 VALVE 0001/0010-final', 42000000, '1000', 'L02', '2026-11-30', '2026-11-30', 'early', 'background', 0, 'open', 0, 0, 0);
INSERT INTO public.worklist_rows VALUES (31, 'receipt', 'final', '2c323739556cbab26a81c0ea6255975f', '', '1000/VALVE/0001/PCC 1000 VALVE 0001/0010-final', 40000000, '1000', 'L02', '2026-11-30', '2026-11-30', 'early', 'online', 0, 'posted', 0, 31, 0);
INSERT INTO public.worklist_rows VALUES (31, 'issue', 'final', '2c323739556cbab26a81c0ea6255975f', '', '1000/VALVE/0001/PCC 1000 VALVE 0001/0010-final', 41000000, '1000', 'L02', '2026-11-30', '2026-11-30', 'early', 'background', 1, 'open', 0, 0, 0);
INSERT INTO public.worklist_rows VALUES (31, 'activity', 'final', '2c323739556cbab26a81c0ea6255975f', '', '1000/VALVE/0001/PCC 1000 VALVE 0001/0010-final', 41000000, '1000', 'L02', '2026-11-30', '2026-11-30', 'early', 'background', 0, 'open', 0, 0, 0);
INSERT INTO public.worklist_rows VALUES (32, 'issue', 'final', '2c323739556cbab26a81c0ea6255975f', '', '1000/VALVE/0001/PCC 1000 VALVE 0001/0010-final', 1000000, '1000', 'L02', '2026-11-30', '2026-11-30', 'early', 'background', 1, 'open', 0, 0, 0);
INSERT INTO public.worklist_rows VALUES (32, 'activity', 'final', '2c323739556cbab26a81c0ea6255975f', '', '1000/VALVE/0001/PCC 1000 VALVE 0001/0010-final', 1000000, '1000', 'L02', '2026-11-30', '2026-11-30', 'early', 'background', 0, 'open', 0, 0, 0);
INSERT INTO public.worklist_rows VALUES (33, 'receipt', 'final', 'b43c705463846b4236a78cdafb0d7b9e', '', '1000/CABLE/0001/PCC 1000 CABLE 0001/final', 1000000, '1000', 'L03', '2026-11-30', '2026-11-30', 'early', 'online', 0, 'posted', 11000000, 33, 0);
INSERT INTO public.worklist_rows VALUES (33, 'issue', 'final', 'b43c705463846b4236a78cdafb0d7b9e', '', '1000/CABLE/0001/PCC 1000 CABLE 0001/final', 1000000, '1000', 'L03', '2026-11-30', '2026-11-30', 'early', 'online', 0, 'posted', 11000000, 33, 0);
INSERT INTO public.worklist_rows VALUES (34, 'receipt', 'final', '14eb8e94f5c4e276fcabf23713f6e9ac', '', '1000/PUMP/0001/PCC 1000 PUMP 0001/final', 2000000, '1000', 'L01', '2026-11-22', '2026-11-22', 'early', 'online', 0, 'posted', 87000000, 34, 0);
INSERT INTO public.worklist_rows VALUES (34, 'issue', 'final', '14eb8e94f5c4e276fcabf23713f6e9ac', '', '1000/PUMP/0001/PCC 1000 PUMP 0001/final', 2000000, '1000', 'L01', '2026-11-22', '2026-11-22', 'early', 'online', 0, 'posted', 88000000, 34, 0);
INSERT INTO public.worklist_rows VALUES (34, 'activity', 'final', '14eb8e94f5c4e276fcabf23713f6e9ac', '', '1000/PUMP/0001/PCC 1000 PUMP 0001/final', 2000000, '1000', 'L01', '2026-11-22', '2026-11-22', 'early', 'update', 0, 'posted', 88000000, 35, 0);
INSERT INTO public.worklist_rows VALUES (36, 'issue', '0010', '2c323739556cbab26a81c0ea6255975f', '', '1000/VALVE/0001/PCC 1000 VALVE 0001/0010-final', 1000000, '1000', 'L02', '2026-11-22', '2026-11-22', 'early', 'background', 1, 'open', 0, 0, 0);
INSERT INTO public.worklist_rows VALUES (36, 'activity', '0010', '2c323739556cbab26a81c0ea6255975f', '', '1000/VALVE/0001/PCC 1000 VALVE 0001/0010-final', 1000000, '1000', 'L02', '2026-11-22', '2026-11-22', 'early', 'background', 0, 'open', 0, 0, 0);
INSERT INTO public.worklist_rows VALUES (37, 'receipt', 'final', '2c323739556cbab26a81c0ea6255975f', '', '1000/VALVE/0001/PCC 1000 VALVE 0001/0010-final', 1000000, '1000', 'L02', '2026-11-30', '2026-11-30', 'early', 'online', 0, 'posted', 40000000, 37, 0);
INSERT INTO public.worklist_rows VALUES (37, 'issue', 'final', '2c323739556cbab26a81c0ea6255975f', '', '1000/VALVE/0001/PCC 1000 VALVE 0001/0010-final', 1000000, '1000', 'L02', '2026-11-30', '2026-11-30', 'early', 'background', 1, 'open', 0, 0, 0);
INSERT INTO public.worklist_rows VALUES (37, 'activity', 'final', '2c323739556cbab26a81c0ea6255975f', '', '1000/VALVE/0001/PCC 1000 VALVE 0001/0010-final', 1000000, '1000', 'L02', '2026-11-30', '2026-11-30', 'early', 'background', 0, 'open', 0, 0, 0);


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


