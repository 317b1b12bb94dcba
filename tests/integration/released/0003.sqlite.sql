PRAGMA application_id = 0;
PRAGMA user_version = 0;
BEGIN TRANSACTION;
CREATE TABLE accounts (
	scope TEXT NOT NULL, 
	flow TEXT NOT NULL, 
	segment TEXT NOT NULL, 
	process TEXT NOT NULL, 
	sign INTEGER NOT NULL, 
	object TEXT NOT NULL, 
	place TEXT NOT NULL, 
	posted INTEGER NOT NULL, 
	remainder TEXT NOT NULL, 
	fraction TEXT NOT NULL, 
	document INTEGER NOT NULL, 
	PRIMARY KEY (scope, flow, segment, process, sign, object, place)
)
 WITHOUT ROWID,
 STRICT

;
INSERT INTO "accounts" VALUES('','1000/FG/V1/PCC 1000 FG V1/final','','activity',1,'machine','W1',250000,'0/1','0/1',0);
INSERT INTO "accounts" VALUES('','1000/FG/V1/PCC 1000 FG V1/final','','activity',1,'setup','W1',0,'0/1','0/1',0);
INSERT INTO "accounts" VALUES('','1000/FG/V1/PCC 1000 FG V1/final','','issue',-1,'A','RAW',40000000,'0/1','0/1',0);
INSERT INTO "accounts" VALUES('','1000/FG/V1/PCC 1000 FG V1/final','','issue',-1,'B','RAW',6666000,'0/1','2840/1',0);
INSERT INTO "accounts" VALUES('','1000/FG/V1/PCC 1000 FG V1/final','','issue',-1,'SCARCE','TIGHT',20000000,'0/1','0/1',0);
INSERT INTO "accounts" VALUES('','1000/FG/V1/PCC 1000 FG V1/final','','receipt',1,'FG','FGL',25000000,'0/1','0/1',0);
INSERT INTO "accounts" VALUES('','1000/FO/V1/PCC 1000 FO V1/final','','activity',1,'machine','W1',300000,'0/1','0/1',0);
INSERT INTO "accounts" VALUES('','1000/FO/V1/PCC 1000 FO V1/final','','activity',1,'setup','W1',0,'0/1','0/1',0);
INSERT INTO "accounts" VALUES('','1000/FO/V1/PCC 1000 FO V1/final','','issue',-1,'B','RAW',17000,'-200/1','-3710/1',0);
INSERT INTO "accounts" VALUES('','1000/FO/V1/PCC 1000 FO V1/final','','issue',-1,'SCARCE','TIGHT',72000000,'0/1','0/1',0);
INSERT INTO "accounts" VALUES('','1000/FO/V1/PCC 1000 FO V1/final','','issue',1,'A','RAW',2000000,'400000/1','0/1',0);
INSERT INTO "accounts" VALUES('','1000/FO/V1/PCC 1000 FO V1/final','','receipt',1,'FO','FGL',22000000,'0/1','0/1',0);
INSERT INTO "accounts" VALUES('','1000/FP/V1/PCC 1000 FP V1/0010-final','','activity',1,'machine','W1',185417,'-1/3','-4980/1',0);
INSERT INTO "accounts" VALUES('','1000/FP/V1/PCC 1000 FP V1/0010-final','','activity',1,'setup','W1',0,'0/1','0/1',0);
INSERT INTO "accounts" VALUES('','1000/FP/V1/PCC 1000 FP V1/0010-final','','issue',-1,'A','RAW',11000000,'0/1','0/1',0);
INSERT INTO "accounts" VALUES('','1000/FP/V1/PCC 1000 FP V1/0010-final','','issue',-1,'B','RAW',1250000,'0/1','2500/1',0);
INSERT INTO "accounts" VALUES('','1000/FP/V1/PCC 1000 FP V1/0010-final','','receipt',1,'FP','FGL',10000000,'0/1','0/1',0);
INSERT INTO "accounts" VALUES('lot LOT7','1000/FO/V1/PCC 1000 FO V1/final','final','activity',1,'setup','W1',500000,'0/1','0/1',20);
INSERT INTO "accounts" VALUES('shift 2026-03-16','1000/FG/V1/PCC 1000 FG V1/final','final','activity',1,'setup','W1',0,'0/1','0/1',0);
INSERT INTO "accounts" VALUES('shift 2026-03-16','1000/FO/V1/PCC 1000 FO V1/final','final','activity',1,'setup','W1',500000,'0/1','0/1',7);
INSERT INTO "accounts" VALUES('shift 2026-03-16','1000/FP/V1/PCC 1000 FP V1/0010-final','final','activity',1,'setup','W1',500000,'0/1','0/1',6);
CREATE TABLE activity_items (
	document INTEGER NOT NULL, 
	item INTEGER NOT NULL, 
	origin TEXT NOT NULL, 
	work_center TEXT NOT NULL, 
	cost_center TEXT NOT NULL, 
	activity TEXT NOT NULL, 
	hours INTEGER NOT NULL, 
	amount INTEGER NOT NULL, 
	cost_object TEXT NOT NULL, 
	PRIMARY KEY (document, item)
)
 WITHOUT ROWID,
 STRICT

;
INSERT INTO "activity_items" VALUES(5,2,'exploded','W1','CC1','machine',183333,11000000,'PCC 1000 FP V1');
INSERT INTO "activity_items" VALUES(6,3,'exploded','W1','CC1','machine',1250,70000,'PCC 1000 FP V1');
INSERT INTO "activity_items" VALUES(6,4,'exploded','W1','CC1','setup',500000,0,'PCC 1000 FP V1');
INSERT INTO "activity_items" VALUES(7,6,'exploded','W1','CC1','machine',250000,15000000,'PCC 1000 FO V1');
INSERT INTO "activity_items" VALUES(7,7,'exploded','W1','CC1','setup',500000,0,'PCC 1000 FO V1');
INSERT INTO "activity_items" VALUES(8,4,'exploded','W1','CC1','machine',12500,750000,'PCC 1000 FO V1');
INSERT INTO "activity_items" VALUES(9,3,'exploded','W1','CC1','machine',12500,750000,'PCC 1000 FO V1');
INSERT INTO "activity_items" VALUES(11,1,'exploded','W1','CC1','machine',75000,4500000,'PCC 1000 FG V1');
INSERT INTO "activity_items" VALUES(11,2,'exploded','W1','CC1','setup',500000,0,'PCC 1000 FG V1');
INSERT INTO "activity_items" VALUES(13,1,'exploded','W1','CC1','machine',250000,15000000,'PCC 1000 FG V1');
INSERT INTO "activity_items" VALUES(14,1,'exploded','W1','CC1','machine',100000,6000000,'PCC 1000 FG V1');
INSERT INTO "activity_items" VALUES(15,1,'mirror','W1','CC1','machine',-75000,-4500000,'PCC 1000 FG V1');
INSERT INTO "activity_items" VALUES(15,2,'mirror','W1','CC1','setup',-500000,0,'PCC 1000 FG V1');
INSERT INTO "activity_items" VALUES(17,1,'mirror','W1','CC1','machine',-100000,-6000000,'PCC 1000 FG V1');
INSERT INTO "activity_items" VALUES(20,4,'exploded','W1','CC1','machine',25000,1500000,'PCC 1000 FO V1');
INSERT INTO "activity_items" VALUES(20,5,'exploded','W1','CC1','setup',500000,0,'PCC 1000 FO V1');
INSERT INTO "activity_items" VALUES(21,3,'exploded','W1','CC1','machine',834,60000,'PCC 1000 FP V1');
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0003');
CREATE TABLE backlog (
	document INTEGER NOT NULL, 
	item INTEGER NOT NULL, 
	plant TEXT NOT NULL, 
	line TEXT NOT NULL, 
	movement TEXT NOT NULL, 
	material TEXT NOT NULL, 
	location TEXT NOT NULL, 
	batch TEXT NOT NULL, 
	stock_type TEXT NOT NULL, 
	unit TEXT NOT NULL, 
	required INTEGER NOT NULL, 
	cause TEXT NOT NULL, 
	cost_object TEXT NOT NULL, 
	posting_date TEXT NOT NULL, 
	production_date TEXT NOT NULL, 
	created_at INTEGER NOT NULL, 
	origin TEXT NOT NULL, 
	determination INTEGER NOT NULL, 
	issued INTEGER NOT NULL, 
	issued_amount INTEGER NOT NULL, 
	closed INTEGER NOT NULL, 
	reversed INTEGER NOT NULL, 
	reason TEXT NOT NULL, 
	issued_location TEXT NOT NULL, 
	lots TEXT NOT NULL, 
	PRIMARY KEY (document, item)
)
 WITHOUT ROWID,
 STRICT

;
INSERT INTO "backlog" VALUES(7,4,'1000','L3','261','SCARCE','TIGHT','','','PC',53000000,'BF4002','PCC 1000 FO V1','2026-03-16','2026-03-16',1773648030000000,'exploded',1,53000000,106000000,0,0,'','','[["","",53000000]]');
INSERT INTO "backlog" VALUES(8,3,'1000','L3','261','SCARCE','TIGHT','','','PC',3000000,'BF4002','PCC 1000 FO V1','2026-03-16','2026-03-16',1773648030000000,'exploded',1,0,0,0,0,'','','[]');
INSERT INTO "backlog" VALUES(9,2,'1000','L3','261','SCARCE','TIGHT','','','PC',3000000,'BF4002','PCC 1000 FO V1','2026-03-16','2026-03-16',1773648030000000,'exploded',1,0,0,0,0,'','','[]');
INSERT INTO "backlog" VALUES(12,3,'1000','L1','261','SCARCE','TIGHT','','','PC',34000000,'BF4002','PCC 1000 FG V1','2026-03-16','2026-03-16',1773648030000000,'exploded',0,0,0,14000000,14000000,'reversed by 0000000017','','[]');
INSERT INTO "backlog" VALUES(20,3,'1000','L3','261','SCARCE','TIGHT','','','PC',6000000,'BF4002','PCC 1000 FO V1','2026-03-16','2026-03-16',1773648030000000,'exploded',1,0,0,0,0,'','','[]');
CREATE TABLE batches (
	head INTEGER NOT NULL, 
	sequence INTEGER NOT NULL, 
	journal_offset INTEGER NOT NULL, 
	at INTEGER NOT NULL, 
	first_document INTEGER NOT NULL, 
	last_document INTEGER NOT NULL, 
	master TEXT NOT NULL, 
	content TEXT NOT NULL, 
	chain TEXT NOT NULL, 
	PRIMARY KEY (head, sequence), 
	FOREIGN KEY(head) REFERENCES heads (ordinal)
)
 WITHOUT ROWID,
 STRICT

;
INSERT INTO "batches" VALUES(0,10,4,1773648000000000,1,1,'2fd2956b6361ed867bbe7958c5cd30b8307de3ab729b9a55099c1b1688bdc83d','9c142d9616f3dc8fd2a6b7d95b53718a715384b999f7df3b83eae96d0912fc0e','4d795f13f14a4957b50f9774f5973778d5a5f0fddf7814ccedde6dd6eceb815c');
INSERT INTO "batches" VALUES(0,12,5,1773648000000000,2,2,'2fd2956b6361ed867bbe7958c5cd30b8307de3ab729b9a55099c1b1688bdc83d','cdc0d616df10c8289bf64bfa0a9ad8489dfef3892c25a0865147ff14e00e6600','46aa543855fd658db54dc9a326931be2b4de4ceee849611ac4577ff81b86e492');
INSERT INTO "batches" VALUES(0,16,7,1773648000000000,3,3,'2fd2956b6361ed867bbe7958c5cd30b8307de3ab729b9a55099c1b1688bdc83d','5d45b5ba5debbca7dcaf2c5888ad93f7ba4f0c1c3d3432b45f844dc2f0fb1a12','b722d6412f31236c399ef1662c042f5802ded6ddb2f06bde7f3e25168f89fcf9');
INSERT INTO "batches" VALUES(0,18,8,1773648000000000,4,4,'2fd2956b6361ed867bbe7958c5cd30b8307de3ab729b9a55099c1b1688bdc83d','19accc7567d31a5f275cf72380cab6768c4cd692d6eb8882d624c554303ab565','6eb3cb796c51b5459fcb591bd7525ac5bcfbffe0cf4576cce507aa1523fca72d');
INSERT INTO "batches" VALUES(0,20,9,1773648000000000,5,6,'2fd2956b6361ed867bbe7958c5cd30b8307de3ab729b9a55099c1b1688bdc83d','b14387f54ce3e97e7cd2689aba2c778f552b287fb9ccca17ef233871b1b9319e','b43d6834ab0739620b9af4c5c264c32a59388263e844373cf5b57bd310874d7b');
INSERT INTO "batches" VALUES(0,24,10,1773648030000000,7,7,'2fd2956b6361ed867bbe7958c5cd30b8307de3ab729b9a55099c1b1688bdc83d','52bf3eab4ba30240198ae84c1266d19861ab268da58a9606ade8e4c1aa455bc0','3686d12d441447a6951080024fa196b8171550262ad1a93d536e4a254a4eb4e8');
INSERT INTO "batches" VALUES(0,25,11,1773648030000000,8,8,'2fd2956b6361ed867bbe7958c5cd30b8307de3ab729b9a55099c1b1688bdc83d','91e644726e1cf5b307aa05f59e301a32054fbce100a172b0eea8370b020a8ddd','5cd3fbde3257c754d8de4ff1de7c7f3e21068a1954174e682ffe9e8c0d7e2788');
INSERT INTO "batches" VALUES(0,27,12,1773648030000000,9,9,'2fd2956b6361ed867bbe7958c5cd30b8307de3ab729b9a55099c1b1688bdc83d','68d2a02fc93200e801f728b08ca7fad501d9a7f241e16b2efd83fa91b64fbf4a','1b00aab97f259514cb909013d9f6c20dc03a529b51669b21f5c05664da212488');
INSERT INTO "batches" VALUES(0,30,13,1773648030000000,10,10,'2fd2956b6361ed867bbe7958c5cd30b8307de3ab729b9a55099c1b1688bdc83d','4362bb9c55d30fde778ed6d91c35cc2331f47e104335e7d79f60587f188cd72e','1acd4b0f1249bcf955c31bda1c613fda428c077d21308e73699f336899b519ff');
INSERT INTO "batches" VALUES(0,33,14,1773648030000000,11,14,'2fd2956b6361ed867bbe7958c5cd30b8307de3ab729b9a55099c1b1688bdc83d','72159e7837800a28125d0825e12cf2dd5756e3f26e63428e90850665e4cd3905','b4fe98ee24f922bb031daed2a66baab523caa01936007da01ceb34a6d5de72d1');
INSERT INTO "batches" VALUES(0,36,15,1773648030000000,15,15,'2fd2956b6361ed867bbe7958c5cd30b8307de3ab729b9a55099c1b1688bdc83d','84ae46cf0386251a39cc74bb775e54ec75761039be63b8fd454e771767a978a6','9a497e6cc1b371ac26af65e50276332e7541842d6148762e3a4ab303a4074b3f');
INSERT INTO "batches" VALUES(0,38,16,1773648030000000,16,16,'2fd2956b6361ed867bbe7958c5cd30b8307de3ab729b9a55099c1b1688bdc83d','8d802c03b85d91a0f83792e50c1d8264e93593494f5697fe878b8a95217e11cf','8bce951051cff35755daea4f24c1f0ae50c2299b043f732b5589e5ee9b862415');
INSERT INTO "batches" VALUES(0,41,17,1773648030000000,17,17,'2fd2956b6361ed867bbe7958c5cd30b8307de3ab729b9a55099c1b1688bdc83d','5cf66bed1b9149efa382d2aed6170f274af4a80abfe40b60a06a655a2d5c2988','288732d2312a15cfda668c35cc7d23a67719de9419e90150397c1491a22a79db');
INSERT INTO "batches" VALUES(0,59,24,1773648030000000,18,18,'3c9f35e576dc9ac2acc0b537a9d60e01bd81f56ce72cb2ea6a9cd2be2d05c61a','399bf6ec3662597e2f74f44cb89e6f625884e24256fa300744c1fe811ba44ae6','cba04c31b04a2a7bcaa07673fc50a5899a2420d7827ce13312b6b86903a432f4');
INSERT INTO "batches" VALUES(0,62,25,1773648030000000,19,19,'3c9f35e576dc9ac2acc0b537a9d60e01bd81f56ce72cb2ea6a9cd2be2d05c61a','72ecf91aabf4b0b3166b3acfeba903d03d5636d04983661bc48ebac363f00837','1cf2a678ceee09e485585d608027dfb1c650e47f63a568d6ac3f667f5dab9403');
INSERT INTO "batches" VALUES(0,65,26,1773648030000000,20,20,'3c9f35e576dc9ac2acc0b537a9d60e01bd81f56ce72cb2ea6a9cd2be2d05c61a','06e8ff5e61f939fb6d1160f6dedf064ae1e5484efe06d0d13bd0d406dc6174f0','8c3825ccfa4d3dc4d63fc0889c4dd7ae76bdbef38812ac1ec5f23a1dba0edc88');
INSERT INTO "batches" VALUES(0,67,27,1773648030000000,21,21,'3c9f35e576dc9ac2acc0b537a9d60e01bd81f56ce72cb2ea6a9cd2be2d05c61a','c6bab66b2273022b4172b8d6fadeb23b3b6e72924c62377dec05b1dd2e7f84bc','c5c0ad06f070c4927da035438e47537ea4c1e619ffca01e9622f8c3ff7030d0f');
CREATE TABLE collectors (
	plant TEXT NOT NULL, 
	cost_object TEXT NOT NULL, 
	period TEXT NOT NULL, 
	element TEXT NOT NULL, 
	detail TEXT NOT NULL, 
	amount INTEGER NOT NULL, 
	PRIMARY KEY (plant, cost_object, period, element, detail)
)
 WITHOUT ROWID,
 STRICT

;
INSERT INTO "collectors" VALUES('1000','PCC 1000 FG V1','2026-03','activity','machine',15000000);
INSERT INTO "collectors" VALUES('1000','PCC 1000 FG V1','2026-03','activity','setup',0);
INSERT INTO "collectors" VALUES('1000','PCC 1000 FG V1','2026-03','issue','A',200000000);
INSERT INTO "collectors" VALUES('1000','PCC 1000 FG V1','2026-03','issue','B',2460000);
INSERT INTO "collectors" VALUES('1000','PCC 1000 FG V1','2026-03','receipt','FG',-500000000);
INSERT INTO "collectors" VALUES('1000','PCC 1000 FO V1','2026-03','activity','machine',18000000);
INSERT INTO "collectors" VALUES('1000','PCC 1000 FO V1','2026-03','activity','setup',0);
INSERT INTO "collectors" VALUES('1000','PCC 1000 FO V1','2026-03','issue','A',-10000000);
INSERT INTO "collectors" VALUES('1000','PCC 1000 FO V1','2026-03','issue','B',10000);
INSERT INTO "collectors" VALUES('1000','PCC 1000 FO V1','2026-03','issue','SCARCE',120000000);
INSERT INTO "collectors" VALUES('1000','PCC 1000 FO V1','2026-03','receipt','FO',-264000000);
INSERT INTO "collectors" VALUES('1000','PCC 1000 FP V1','2026-03','activity','machine',11130000);
INSERT INTO "collectors" VALUES('1000','PCC 1000 FP V1','2026-03','activity','setup',0);
INSERT INTO "collectors" VALUES('1000','PCC 1000 FP V1','2026-03','issue','A',55000000);
INSERT INTO "collectors" VALUES('1000','PCC 1000 FP V1','2026-03','issue','B',460000);
INSERT INTO "collectors" VALUES('1000','PCC 1000 FP V1','2026-03','receipt','FP',-200000000);
CREATE TABLE commands (
	command TEXT NOT NULL, 
	content TEXT NOT NULL, 
	response TEXT NOT NULL, 
	PRIMARY KEY (command)
)
 WITHOUT ROWID,
 STRICT

;
INSERT INTO "commands" VALUES('tx-13','Reverse(document=1, quantity=4000000, scrap=0, scrap_reason=None, components=())','["ok", "BF0000", "4 of document 0000000001 are reversed by 0000000010", {"document": "0000000010", "reverses": "0000000001", "documents": ["0000000010"], "withdrawn": "0"}]');
INSERT INTO "commands" VALUES('tx-14','Work(plant=''1000'', line=''L1'', process='''', limit=20000)','["ok", "BF0000", "9 posted in 4 documents, 0 left", {"documents": 4, "posted": 9, "left": 0, "more": false}]');
INSERT INTO "commands" VALUES('tx-15','Reverse(document=1, quantity=None, scrap=0, scrap_reason=None, components=())','["ok", "BF0000", "document 0000000001 is reversed by 0000000015", {"document": "0000000015", "reverses": "0000000001", "documents": ["0000000015"], "withdrawn": "0"}]');
INSERT INTO "commands" VALUES('tx-17','Reverse(document=3, quantity=None, scrap=0, scrap_reason=None, components=())','["ok", "BF0000", "document 0000000003 is reversed by 0000000017", {"document": "0000000017", "reverses": "0000000003", "documents": ["0000000017"], "withdrawn": "0"}]');
INSERT INTO "commands" VALUES('tx-21','QuarantineDismiss(numbers=(1,), which=None)','["ok", "BF0000", "1 entry: 1 dismissed", {"entries": {"0000000001": "dismissed"}}]');
INSERT INTO "commands" VALUES('tx-24','QuarantineReplay(numbers=(2,), which=None)','["ok", "BF0000", "1 entry: 1 replayed", {"entries": {"0000000002": "replayed"}}]');
INSERT INTO "commands" VALUES('tx-25','BacklogRetry(plant='''', line='''', material='''', limit=2, date='''')','["ok", "BF0000", "1 posted in 1 document, 1 left; SCARCE: 3 PC missing at TIGHT, which holds 0", {"documents": 1, "posted": 1, "left": 1, "more": true, "why": ["SCARCE: 3 PC missing at TIGHT, which holds 0"]}]');
INSERT INTO "commands" VALUES('tx-26','Post(type=''assembly'', plant=''1000'', line=''L3'', material=''FO'', version='''', quantity=2000000, point='''', scrap_reason='''', at=None, batch=''LOT7'', cost_object='''', order='''', revision='''', actual=Actual(components=None, activities=None, complete=False), after='''', rework=0, unclear='''', force=False)','["ok", "BF0000", "2 posted in 0000000020; missing, and kept in the backlog: 6 PC SCARCE", {"documents": ["0000000020"], "posted": "2", "waiting": "0"}]');
CREATE TABLE confirmations (
	document INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	point TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	yield INTEGER NOT NULL, 
	scrap INTEGER NOT NULL, 
	automatic INTEGER NOT NULL, 
	lost INTEGER NOT NULL, 
	rework INTEGER NOT NULL, 
	said_yield INTEGER NOT NULL, 
	said_scrap INTEGER NOT NULL, 
	PRIMARY KEY (document, position)
)
 WITHOUT ROWID,
 STRICT

;
INSERT INTO "confirmations" VALUES(1,1,'final','',10000000,0,0,0,0,10000000,0);
INSERT INTO "confirmations" VALUES(2,1,'final','',14000000,2000000,0,0,0,14000000,2000000);
INSERT INTO "confirmations" VALUES(2,2,'final','DENT',0,4000000,0,0,0,0,4000000);
INSERT INTO "confirmations" VALUES(3,1,'final','',8000000,0,0,0,0,8000000,0);
INSERT INTO "confirmations" VALUES(4,1,'final','',0,0,0,0,0,6000000,0);
INSERT INTO "confirmations" VALUES(5,1,'0010','',10000000,1000000,0,0,0,10000000,1000000);
INSERT INTO "confirmations" VALUES(6,1,'final','',6000000,0,0,0,0,0,0);
INSERT INTO "confirmations" VALUES(7,1,'final','',18000000,2000000,0,0,0,18000000,2000000);
INSERT INTO "confirmations" VALUES(8,1,'final','',1000000,0,0,0,0,1000000,0);
INSERT INTO "confirmations" VALUES(9,1,'final','',1000000,0,0,0,0,1000000,0);
INSERT INTO "confirmations" VALUES(10,1,'final','',-4000000,0,0,0,0,-4000000,0);
INSERT INTO "confirmations" VALUES(15,1,'final','',-6000000,0,0,0,0,-6000000,0);
INSERT INTO "confirmations" VALUES(16,1,'final','',10000000,0,0,0,0,10000000,0);
INSERT INTO "confirmations" VALUES(17,1,'final','',-8000000,0,0,0,0,-8000000,0);
INSERT INTO "confirmations" VALUES(18,1,'final','',1000000,0,0,0,0,1000000,0);
INSERT INTO "confirmations" VALUES(20,1,'final','',2000000,0,0,0,0,2000000,0);
INSERT INTO "confirmations" VALUES(21,1,'final','',4000000,0,0,0,0,7000000,0);
CREATE TABLE contexts (
	device TEXT NOT NULL, 
	plant TEXT NOT NULL, 
	line TEXT NOT NULL, 
	point TEXT NOT NULL, 
	operator TEXT NOT NULL, 
	quantity INTEGER NOT NULL, 
	mode TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	undo INTEGER NOT NULL, 
	undo_to INTEGER NOT NULL, chosen INTEGER DEFAULT '0' NOT NULL, earlier TEXT DEFAULT '' NOT NULL, 
	PRIMARY KEY (device)
)
 WITHOUT ROWID,
 STRICT

;
INSERT INTO "contexts" VALUES('S1','','','','4711',0,'','',9,9,0,'');
CREATE TABLE cursors (
	head INTEGER NOT NULL, 
	target TEXT NOT NULL, 
	document INTEGER NOT NULL, 
	PRIMARY KEY (head, target), 
	FOREIGN KEY(head) REFERENCES heads (ordinal)
)
 WITHOUT ROWID,
 STRICT

;
CREATE TABLE device_marks (
	device TEXT NOT NULL, 
	boot TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	total INTEGER NOT NULL, 
	seq INTEGER, 
	ts INTEGER, 
	at INTEGER NOT NULL, 
	units INTEGER NOT NULL, 
	anew INTEGER NOT NULL, 
	unhealed INTEGER NOT NULL, 
	strays TEXT NOT NULL, 
	PRIMARY KEY (device, boot, kind)
)
 WITHOUT ROWID,
 STRICT

;
INSERT INTO "device_marks" VALUES('C1','a','good',12,2,NULL,1773648000000000,12,0,-1,'');
INSERT INTO "device_marks" VALUES('C1','a','scrap',3,2,NULL,1773648000000000,3,0,-1,'');
INSERT INTO "device_marks" VALUES('C1','a','scrap DENT',2,2,NULL,1773648000000000,0,0,-1,'');
INSERT INTO "device_marks" VALUES('C1','b','good',9,4,NULL,1773648030000000,9,0,-1,'');
INSERT INTO "device_marks" VALUES('C9','','good',8,NULL,NULL,1773648030000000,8,0,-1,'');
INSERT INTO "device_marks" VALUES('P1','','good',10,NULL,NULL,1773648000000000,10,0,-1,'');
INSERT INTO "device_marks" VALUES('P1','','scrap',1,NULL,NULL,1773648000000000,1,0,-1,'');
INSERT INTO "device_marks" VALUES('P2','','good',13,NULL,NULL,1773648030000000,13,0,-1,'');
INSERT INTO "device_marks" VALUES('W3','','gross',23,NULL,NULL,1773648030000000,23,0,-1,'');
INSERT INTO "device_marks" VALUES('W3','','scrap',2,NULL,NULL,1773648030000000,2,0,-1,'');
CREATE TABLE device_states (
	device TEXT NOT NULL, 
	online INTEGER NOT NULL, 
	PRIMARY KEY (device)
)
 WITHOUT ROWID,
 STRICT

;
INSERT INTO "device_states" VALUES('C1',1);
CREATE TABLE documents (
	number INTEGER NOT NULL, 
	type TEXT NOT NULL, 
	plant TEXT NOT NULL, 
	line TEXT NOT NULL, 
	material TEXT NOT NULL, 
	version TEXT NOT NULL, 
	cost_object TEXT NOT NULL, 
	flow TEXT NOT NULL, 
	batch TEXT NOT NULL, 
	posting_date TEXT NOT NULL, 
	production_date TEXT NOT NULL, 
	shift TEXT NOT NULL, 
	entered_at INTEGER NOT NULL, 
	cause INTEGER NOT NULL, 
	actor TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	reference TEXT NOT NULL, 
	reverses INTEGER NOT NULL, 
	caused_by INTEGER NOT NULL, 
	PRIMARY KEY (number)
)
 WITHOUT ROWID,
 STRICT

;
INSERT INTO "documents" VALUES(1,'assembly','1000','L1','FG','V1','PCC 1000 FG V1','1000/FG/V1/PCC 1000 FG V1/final','','2026-03-16','2026-03-16','',1773648000000000,0,'','','',0,0);
INSERT INTO "documents" VALUES(2,'assembly','1000','L1','FG','V1','PCC 1000 FG V1','1000/FG/V1/PCC 1000 FG V1/final','','2026-03-16','2026-03-16','',1773648000000000,0,'','','',0,0);
INSERT INTO "documents" VALUES(3,'assembly','1000','L1','FG','V1','PCC 1000 FG V1','1000/FG/V1/PCC 1000 FG V1/final','','2026-03-16','2026-03-16','',1773648000000000,0,'','','',0,0);
INSERT INTO "documents" VALUES(4,'assembly','1000','L2','FP','V1','PCC 1000 FP V1','1000/FP/V1/PCC 1000 FP V1/0010-final','','2026-03-16','2026-03-16','',1773648000000000,0,'','','',0,0);
INSERT INTO "documents" VALUES(5,'point','1000','L2','FP','V1','PCC 1000 FP V1','1000/FP/V1/PCC 1000 FP V1/0010-final','','2026-03-16','2026-03-16','',1773648000000000,0,'','','',0,0);
INSERT INTO "documents" VALUES(6,'assembly','1000','L2','FP','V1','PCC 1000 FP V1','1000/FP/V1/PCC 1000 FP V1/0010-final','','2026-03-16','2026-03-16','',1773648000000000,0,'','','0000000004',0,4);
INSERT INTO "documents" VALUES(7,'assembly','1000','L3','FO','V1','PCC 1000 FO V1','1000/FO/V1/PCC 1000 FO V1/final','','2026-03-16','2026-03-16','',1773648030000000,0,'','','',0,0);
INSERT INTO "documents" VALUES(8,'assembly','1000','L3','FO','V1','PCC 1000 FO V1','1000/FO/V1/PCC 1000 FO V1/final','','2026-03-16','2026-03-16','',1773648030000000,11,'4711','','scan-1',0,0);
INSERT INTO "documents" VALUES(9,'assembly','1000','L3','FO','V1','PCC 1000 FO V1','1000/FO/V1/PCC 1000 FO V1/final','','2026-03-16','2026-03-16','',1773648030000000,12,'4711','','scan-2',0,0);
INSERT INTO "documents" VALUES(10,'reversal','1000','L1','FG','V1','PCC 1000 FG V1','1000/FG/V1/PCC 1000 FG V1/final','','2026-03-16','2026-03-16','',1773648030000000,13,'anna','test','',1,0);
INSERT INTO "documents" VALUES(11,'worklist','1000','L1','FG','V1','PCC 1000 FG V1','1000/FG/V1/PCC 1000 FG V1/final','','2026-03-16','2026-03-16','',1773648030000000,14,'anna','test','0000000001',0,0);
INSERT INTO "documents" VALUES(12,'worklist','1000','L1','','','','','','2026-03-16','2026-03-16','',1773648030000000,14,'anna','test','',0,0);
INSERT INTO "documents" VALUES(13,'worklist','1000','L1','FG','V1','PCC 1000 FG V1','1000/FG/V1/PCC 1000 FG V1/final','','2026-03-16','2026-03-16','',1773648030000000,14,'anna','test','0000000002',0,0);
INSERT INTO "documents" VALUES(14,'worklist','1000','L1','FG','V1','PCC 1000 FG V1','1000/FG/V1/PCC 1000 FG V1/final','','2026-03-16','2026-03-16','',1773648030000000,14,'anna','test','0000000003',0,0);
INSERT INTO "documents" VALUES(15,'reversal','1000','L1','FG','V1','PCC 1000 FG V1','1000/FG/V1/PCC 1000 FG V1/final','','2026-03-16','2026-03-16','',1773648030000000,15,'anna','test','',1,0);
INSERT INTO "documents" VALUES(16,'assembly','1000','L1','FG','V1','PCC 1000 FG V1','1000/FG/V1/PCC 1000 FG V1/final','','2026-03-16','2026-03-16','',1773648030000000,0,'','','',0,0);
INSERT INTO "documents" VALUES(17,'reversal','1000','L1','FG','V1','PCC 1000 FG V1','1000/FG/V1/PCC 1000 FG V1/final','','2026-03-16','2026-03-16','',1773648030000000,17,'anna','test','',3,0);
INSERT INTO "documents" VALUES(18,'assembly','1000','L9','FG','V1','PCC 1000 FG V1','1000/FG/V1/PCC 1000 FG V1/final','','2026-03-16','2026-03-16','',1773648030000000,0,'','','',0,0);
INSERT INTO "documents" VALUES(19,'backlog','1000','L3','','','','','','2026-03-16','2026-03-16','',1773648030000000,25,'anna','test','0000000007/4',0,0);
INSERT INTO "documents" VALUES(20,'assembly','1000','L3','FO','V1','PCC 1000 FO V1','1000/FO/V1/PCC 1000 FO V1/final','LOT7','2026-03-16','2026-03-16','',1773648030000000,26,'anna','test','tx-26',0,0);
INSERT INTO "documents" VALUES(21,'assembly','1000','L2','FP','V1','PCC 1000 FP V1','1000/FP/V1/PCC 1000 FP V1/0010-final','','2026-03-16','2026-03-16','',1773648030000000,0,'','','',0,0);
CREATE TABLE edge_nodes (
	head INTEGER NOT NULL, 
	node TEXT NOT NULL, 
	seq INTEGER, 
	bdseq INTEGER, 
	devices TEXT NOT NULL, 
	asked_at INTEGER, 
	PRIMARY KEY (head, node), 
	FOREIGN KEY(head) REFERENCES heads (ordinal)
)
 WITHOUT ROWID,
 STRICT

;
CREATE TABLE explosions (
	id TEXT NOT NULL, 
	content TEXT NOT NULL, 
	PRIMARY KEY (id)
)
 WITHOUT ROWID,
 STRICT

;
INSERT INTO "explosions" VALUES('c0783e4183a810e4d6d333ba6a2c14a0','[["receipt","final",false,1,"FP","FGL","PC",1,1,1],["issue","0010",false,-1,"A","RAW","PC",1,1,1000000],["issue","final",false,-1,"B","RAW","KG",1,8,1000],["activity","0010",false,1,"machine","W1","H",1,60,1],["activity","final",false,1,"machine","W1","H",1,4800,1],["activity","final",true,1,"setup","W1","H",500000,1,1]]');
INSERT INTO "explosions" VALUES('e066f46538eab046aa6a4c59688d392d','[["receipt","final",false,1,"FG","FGL","PC",1,1,1],["issue","final",false,-1,"A","RAW","PC",2,1,1000000],["issue","final",false,-1,"B","RAW","KG",3333,10000,1000],["issue","final",false,-1,"SCARCE","TIGHT","PC",1,1,1000000],["activity","final",false,1,"machine","W1","H",1,80,1],["activity","final",true,1,"setup","W1","H",500000,1,1]]');
INSERT INTO "explosions" VALUES('fc669c0dba4008d666f87838cedaebe2','[["receipt","final",false,1,"FO","FGL","PC",1,1,1],["issue","final",false,-1,"B","RAW","KG",7,10000,1000],["issue","final",false,-1,"SCARCE","TIGHT","PC",3,1,1000000],["issue","final",false,1,"A","RAW","PC",1,10,1000000],["activity","final",false,1,"machine","W1","H",1,80,1],["activity","final",true,1,"setup","W1","H",500000,1,1]]');
CREATE TABLE flow_segments (
	flow TEXT NOT NULL, 
	position INTEGER NOT NULL, 
	point TEXT NOT NULL, 
	reported_yield INTEGER NOT NULL, 
	reported_scrap INTEGER NOT NULL, 
	documented_yield INTEGER NOT NULL, 
	documented_scrap INTEGER NOT NULL, 
	lost INTEGER NOT NULL, 
	held INTEGER NOT NULL, 
	automatic INTEGER NOT NULL, 
	PRIMARY KEY (flow, position), 
	FOREIGN KEY(flow) REFERENCES flows (id)
)
 WITHOUT ROWID,
 STRICT

;
INSERT INTO "flow_segments" VALUES('1000/FG/V1/PCC 1000 FG V1/final',1,'final',25000000,6000000,25000000,6000000,0,0,0);
INSERT INTO "flow_segments" VALUES('1000/FO/V1/PCC 1000 FO V1/final',1,'final',22000000,2000000,22000000,2000000,0,0,0);
INSERT INTO "flow_segments" VALUES('1000/FP/V1/PCC 1000 FP V1/0010-final',1,'0010',10000000,1000000,10000000,1000000,0,0,0);
INSERT INTO "flow_segments" VALUES('1000/FP/V1/PCC 1000 FP V1/0010-final',2,'final',13000000,0,10000000,0,0,0,0);
CREATE TABLE flows (
	id TEXT NOT NULL, 
	plant TEXT NOT NULL, 
	material TEXT NOT NULL, 
	version TEXT NOT NULL, 
	cost_object TEXT NOT NULL, 
	explosion TEXT NOT NULL, 
	revision INTEGER NOT NULL, 
	PRIMARY KEY (id)
)
 WITHOUT ROWID,
 STRICT

;
INSERT INTO "flows" VALUES('1000/FG/V1/PCC 1000 FG V1/final','1000','FG','V1','PCC 1000 FG V1','e066f46538eab046aa6a4c59688d392d',9);
INSERT INTO "flows" VALUES('1000/FO/V1/PCC 1000 FO V1/final','1000','FO','V1','PCC 1000 FO V1','fc669c0dba4008d666f87838cedaebe2',6);
INSERT INTO "flows" VALUES('1000/FP/V1/PCC 1000 FP V1/0010-final','1000','FP','V1','PCC 1000 FP V1','c0783e4183a810e4d6d333ba6a2c14a0',3);
CREATE TABLE heads (
	ordinal INTEGER NOT NULL, 
	gateway TEXT NOT NULL, 
	journal TEXT NOT NULL, 
	journal_offset INTEGER NOT NULL, 
	sequence INTEGER NOT NULL, 
	documents INTEGER NOT NULL, 
	quarantines INTEGER NOT NULL, 
	chain TEXT NOT NULL, 
	master TEXT NOT NULL, 
	at INTEGER NOT NULL, 
	behind INTEGER NOT NULL, 
	read_at INTEGER NOT NULL, 
	PRIMARY KEY (ordinal)
)
 WITHOUT ROWID,
 STRICT

;
INSERT INTO "heads" VALUES(0,'gw1','journal of gw1',28,70,21,3,'c5c0ad06f070c4927da035438e47537ea4c1e619ffca01e9622f8c3ff7030d0f','3c9f35e576dc9ac2acc0b537a9d60e01bd81f56ce72cb2ea6a9cd2be2d05c61a',1773648030000000,0,0);
CREATE TABLE holds (
	plant TEXT NOT NULL, 
	line TEXT NOT NULL, 
	process TEXT NOT NULL, 
	held INTEGER NOT NULL, actor TEXT DEFAULT '' NOT NULL, reason TEXT DEFAULT '' NOT NULL, at INTEGER DEFAULT '0' NOT NULL, 
	PRIMARY KEY (plant, line, process)
)
 WITHOUT ROWID,
 STRICT

;
CREATE TABLE last_scans (
	device TEXT NOT NULL, 
	content TEXT NOT NULL, 
	at INTEGER NOT NULL, answer TEXT DEFAULT '' NOT NULL, 
	PRIMARY KEY (device)
)
 WITHOUT ROWID,
 STRICT

;
CREATE TABLE leases (
	head INTEGER NOT NULL, 
	pattern TEXT NOT NULL, 
	until INTEGER NOT NULL, 
	lasts INTEGER NOT NULL, 
	began INTEGER NOT NULL, 
	PRIMARY KEY (head, pattern), 
	FOREIGN KEY(head) REFERENCES heads (ordinal)
)
 WITHOUT ROWID,
 STRICT

;
INSERT INTO "leases" VALUES(0,'*',1773648060000000,30000000,1);
CREATE TABLE lines (
	plant TEXT NOT NULL, 
	line TEXT NOT NULL, 
	read INTEGER NOT NULL, 
	counted INTEGER NOT NULL, 
	quarantined INTEGER NOT NULL, 
	posted INTEGER NOT NULL, 
	scrap INTEGER NOT NULL, 
	rework INTEGER NOT NULL, 
	reversed INTEGER NOT NULL, 
	documents INTEGER NOT NULL, 
	last_document INTEGER NOT NULL, 
	last_at INTEGER NOT NULL, 
	open_issues INTEGER NOT NULL, 
	open_activities INTEGER NOT NULL, 
	backlog INTEGER NOT NULL, 
	PRIMARY KEY (plant, line)
)
 WITHOUT ROWID,
 STRICT

;
INSERT INTO "lines" VALUES('1000','L1',48000000,48000000,0,48000000,6000000,0,18000000,11,17,1773648030000000,1,2,1);
INSERT INTO "lines" VALUES('1000','L2',24000000,24000000,0,21000000,1000000,0,0,4,21,1773648030000000,0,0,0);
INSERT INTO "lines" VALUES('1000','L3',27000000,27000000,0,24000000,2000000,0,0,5,20,1773648030000000,0,0,3);
INSERT INTO "lines" VALUES('1000','L9',8000000,1000000,7000000,1000000,0,0,0,1,18,1773648030000000,1,2,0);
CREATE TABLE marks (
	scope TEXT NOT NULL, 
	flow TEXT NOT NULL, 
	explosion TEXT NOT NULL, 
	segment TEXT NOT NULL, 
	process TEXT NOT NULL, 
	due INTEGER NOT NULL, 
	posted INTEGER NOT NULL, 
	PRIMARY KEY (scope, flow, explosion, segment, process)
)
 WITHOUT ROWID,
 STRICT

;
INSERT INTO "marks" VALUES('','1000/FG/V1/PCC 1000 FG V1/final','e066f46538eab046aa6a4c59688d392d','final','activity',45000000,34000000);
INSERT INTO "marks" VALUES('','1000/FG/V1/PCC 1000 FG V1/final','e066f46538eab046aa6a4c59688d392d','final','issue',45000000,34000000);
INSERT INTO "marks" VALUES('','1000/FG/V1/PCC 1000 FG V1/final','e066f46538eab046aa6a4c59688d392d','final','receipt',43000000,43000000);
INSERT INTO "marks" VALUES('','1000/FO/V1/PCC 1000 FO V1/final','fc669c0dba4008d666f87838cedaebe2','final','activity',24000000,24000000);
INSERT INTO "marks" VALUES('','1000/FO/V1/PCC 1000 FO V1/final','fc669c0dba4008d666f87838cedaebe2','final','issue',24000000,24000000);
INSERT INTO "marks" VALUES('','1000/FO/V1/PCC 1000 FO V1/final','fc669c0dba4008d666f87838cedaebe2','final','receipt',22000000,22000000);
INSERT INTO "marks" VALUES('','1000/FP/V1/PCC 1000 FP V1/0010-final','c0783e4183a810e4d6d333ba6a2c14a0','0010','activity',11000000,11000000);
INSERT INTO "marks" VALUES('','1000/FP/V1/PCC 1000 FP V1/0010-final','c0783e4183a810e4d6d333ba6a2c14a0','0010','issue',11000000,11000000);
INSERT INTO "marks" VALUES('','1000/FP/V1/PCC 1000 FP V1/0010-final','c0783e4183a810e4d6d333ba6a2c14a0','final','activity',10000000,10000000);
INSERT INTO "marks" VALUES('','1000/FP/V1/PCC 1000 FP V1/0010-final','c0783e4183a810e4d6d333ba6a2c14a0','final','issue',10000000,10000000);
INSERT INTO "marks" VALUES('','1000/FP/V1/PCC 1000 FP V1/0010-final','c0783e4183a810e4d6d333ba6a2c14a0','final','receipt',10000000,10000000);
INSERT INTO "marks" VALUES('lot LOT7','1000/FO/V1/PCC 1000 FO V1/final','fc669c0dba4008d666f87838cedaebe2','final','activity',2000000,2000000);
INSERT INTO "marks" VALUES('shift 2026-03-16','1000/FG/V1/PCC 1000 FG V1/final','e066f46538eab046aa6a4c59688d392d','final','activity',45000000,34000000);
INSERT INTO "marks" VALUES('shift 2026-03-16','1000/FO/V1/PCC 1000 FO V1/final','fc669c0dba4008d666f87838cedaebe2','final','activity',22000000,22000000);
INSERT INTO "marks" VALUES('shift 2026-03-16','1000/FP/V1/PCC 1000 FP V1/0010-final','c0783e4183a810e4d6d333ba6a2c14a0','final','activity',10000000,10000000);
CREATE TABLE master_tables (
	head INTEGER NOT NULL, 
	sequence INTEGER NOT NULL, 
	at INTEGER NOT NULL, 
	digest TEXT NOT NULL, 
	content BLOB NOT NULL, actor TEXT DEFAULT '' NOT NULL, reason TEXT DEFAULT '' NOT NULL, 
	PRIMARY KEY (head, sequence), 
	FOREIGN KEY(head) REFERENCES heads (ordinal)
)
 WITHOUT ROWID,
 STRICT

;
INSERT INTO "master_tables" VALUES(0,6,1773648000000000,'2fd2956b6361ed867bbe7958c5cd30b8307de3ab729b9a55099c1b1688bdc83d',X'7B2264657669636573223A5B7B22646576696365223A224331222C22726F6C65223A22676F6F64222C22776569676874223A2232227D2C7B22646576696365223A225331222C22726F6C65223A22676F6F64222C22776569676874223A2231227D2C7B22646576696365223A225031222C22726F6C65223A22676F6F64222C22776569676874223A2231227D2C7B22646576696365223A225032222C22726F6C65223A22676F6F64222C22776569676874223A2231227D2C7B22646576696365223A225733222C22726F6C65223A22676F6F64222C22776569676874223A2231227D2C7B22646576696365223A224339222C22726F6C65223A22676F6F64222C22776569676874223A2231227D5D2C22706C616E7473223A5B7B22706C616E74223A2230227D5D7D','anna','');
INSERT INTO "master_tables" VALUES(0,56,1773648030000000,'3c9f35e576dc9ac2acc0b537a9d60e01bd81f56ce72cb2ea6a9cd2be2d05c61a',X'7B2264657669636573223A5B7B22646576696365223A224331222C22726F6C65223A22676F6F64222C22776569676874223A2232227D2C7B22646576696365223A225331222C22726F6C65223A22676F6F64222C22776569676874223A2231227D2C7B22646576696365223A225031222C22726F6C65223A22676F6F64222C22776569676874223A2231227D2C7B22646576696365223A225032222C22726F6C65223A22676F6F64222C22776569676874223A2231227D2C7B22646576696365223A225733222C22726F6C65223A22676F6F64222C22776569676874223A2231227D2C7B22646576696365223A224339222C22726F6C65223A22676F6F64222C22776569676874223A2231227D5D2C22706C616E7473223A5B7B22706C616E74223A2231227D5D7D','anna','');
CREATE TABLE material_items (
	document INTEGER NOT NULL, 
	item INTEGER NOT NULL, 
	origin TEXT NOT NULL, 
	process TEXT NOT NULL, 
	movement TEXT NOT NULL, 
	material TEXT NOT NULL, 
	location TEXT NOT NULL, 
	batch TEXT NOT NULL, 
	stock_type TEXT NOT NULL, 
	quantity INTEGER NOT NULL, 
	unit TEXT NOT NULL, 
	amount INTEGER NOT NULL, 
	cost_object TEXT NOT NULL, 
	mirrors INTEGER NOT NULL, 
	PRIMARY KEY (document, item)
)
 WITHOUT ROWID,
 STRICT

;
INSERT INTO "material_items" VALUES(1,1,'exploded','receipt','131','FG','FGL','','',10000000,'PC',-200000000,'PCC 1000 FG V1',0);
INSERT INTO "material_items" VALUES(2,1,'exploded','receipt','131','FG','FGL','','',14000000,'PC',-280000000,'PCC 1000 FG V1',0);
INSERT INTO "material_items" VALUES(3,1,'exploded','receipt','131','FG','FGL','','',8000000,'PC',-160000000,'PCC 1000 FG V1',0);
INSERT INTO "material_items" VALUES(5,1,'exploded','issue','261','A','RAW','','',-11000000,'PC',55000000,'PCC 1000 FP V1',0);
INSERT INTO "material_items" VALUES(6,1,'exploded','receipt','131','FP','FGL','','',6000000,'PC',-120000000,'PCC 1000 FP V1',0);
INSERT INTO "material_items" VALUES(6,2,'exploded','issue','261','B','RAW','','',-750000,'KG',280000,'PCC 1000 FP V1',0);
INSERT INTO "material_items" VALUES(7,1,'exploded','receipt','131','FO','FGL','','',18000000,'PC',-216000000,'PCC 1000 FO V1',0);
INSERT INTO "material_items" VALUES(7,2,'exploded','issue','261','B','RAW','','',-14000,'KG',10000,'PCC 1000 FO V1',0);
INSERT INTO "material_items" VALUES(7,3,'exploded','issue','261','SCARCE','TIGHT','','',-7000000,'PC',14000000,'PCC 1000 FO V1',0);
INSERT INTO "material_items" VALUES(7,5,'exploded','issue','531','A','RAW','','',2000000,'PC',-10000000,'PCC 1000 FO V1',0);
INSERT INTO "material_items" VALUES(8,1,'exploded','receipt','131','FO','FGL','','',1000000,'PC',-12000000,'PCC 1000 FO V1',0);
INSERT INTO "material_items" VALUES(8,2,'exploded','issue','261','B','RAW','','',-1000,'KG',0,'PCC 1000 FO V1',0);
INSERT INTO "material_items" VALUES(9,1,'exploded','receipt','131','FO','FGL','','',1000000,'PC',-12000000,'PCC 1000 FO V1',0);
INSERT INTO "material_items" VALUES(10,1,'mirror','receipt','132','FG','FGL','','',-4000000,'PC',80000000,'PCC 1000 FG V1',1);
INSERT INTO "material_items" VALUES(12,1,'exploded','issue','261','A','RAW','','',-68000000,'PC',340000000,'PCC 1000 FG V1',0);
INSERT INTO "material_items" VALUES(12,2,'exploded','issue','261','B','RAW','','',-11332000,'KG',4190000,'PCC 1000 FG V1',0);
INSERT INTO "material_items" VALUES(15,3,'mirror','issue','262','A','RAW','','',12000000,'PC',-60000000,'PCC 1000 FG V1',12);
INSERT INTO "material_items" VALUES(15,4,'mirror','issue','262','B','RAW','','',2000000,'KG',-740000,'PCC 1000 FG V1',12);
INSERT INTO "material_items" VALUES(15,5,'mirror','receipt','132','FG','FGL','','',-6000000,'PC',120000000,'PCC 1000 FG V1',1);
INSERT INTO "material_items" VALUES(16,1,'exploded','receipt','131','FG','FGL','','',10000000,'PC',-200000000,'PCC 1000 FG V1',0);
INSERT INTO "material_items" VALUES(17,2,'mirror','issue','262','A','RAW','','',16000000,'PC',-80000000,'PCC 1000 FG V1',12);
INSERT INTO "material_items" VALUES(17,3,'mirror','issue','262','B','RAW','','',2666000,'KG',-990000,'PCC 1000 FG V1',12);
INSERT INTO "material_items" VALUES(17,4,'mirror','receipt','132','FG','FGL','','',-8000000,'PC',160000000,'PCC 1000 FG V1',3);
INSERT INTO "material_items" VALUES(18,1,'exploded','receipt','131','FG','FGL','','',1000000,'PC',-20000000,'PCC 1000 FG V1',0);
INSERT INTO "material_items" VALUES(19,1,'backlog','issue','261','SCARCE','TIGHT','','',-53000000,'PC',106000000,'PCC 1000 FO V1',0);
INSERT INTO "material_items" VALUES(20,1,'exploded','receipt','131','FO','FGL','LOT7','',2000000,'PC',-24000000,'PCC 1000 FO V1',0);
INSERT INTO "material_items" VALUES(20,2,'exploded','issue','261','B','RAW','','',-2000,'KG',0,'PCC 1000 FO V1',0);
INSERT INTO "material_items" VALUES(21,1,'exploded','receipt','131','FP','FGL','','',4000000,'PC',-80000000,'PCC 1000 FP V1',0);
INSERT INTO "material_items" VALUES(21,2,'exploded','issue','261','B','RAW','','',-500000,'KG',180000,'PCC 1000 FP V1',0);
CREATE TABLE opening_stock (
	plant TEXT NOT NULL, 
	material TEXT NOT NULL, 
	location TEXT NOT NULL, 
	batch TEXT NOT NULL, 
	stock_type TEXT NOT NULL, 
	quantity INTEGER NOT NULL, 
	PRIMARY KEY (plant, material, location, batch, stock_type)
)
 WITHOUT ROWID,
 STRICT

;
INSERT INTO "opening_stock" VALUES('1000','A','RAW','','',900000000);
INSERT INTO "opening_stock" VALUES('1000','SCARCE','TIGHT','','',60000000);
CREATE TABLE order_segments (
	planned_order TEXT NOT NULL, 
	segment TEXT NOT NULL, 
	reduced INTEGER NOT NULL, 
	PRIMARY KEY (planned_order, segment), 
	FOREIGN KEY(planned_order) REFERENCES orders (planned_order)
)
 WITHOUT ROWID,
 STRICT

;
INSERT INTO "order_segments" VALUES('PO1','final',30000000);
INSERT INTO "order_segments" VALUES('PO1','quantity',25000000);
INSERT INTO "order_segments" VALUES('PO2','final',1000000);
INSERT INTO "order_segments" VALUES('PO2','quantity',0);
CREATE TABLE orders (
	planned_order TEXT NOT NULL, 
	plant TEXT NOT NULL, 
	material TEXT NOT NULL, 
	version TEXT NOT NULL, 
	line TEXT NOT NULL, 
	start_date TEXT NOT NULL, 
	finish_date TEXT NOT NULL, 
	quantity INTEGER NOT NULL, 
	components TEXT NOT NULL, 
	PRIMARY KEY (planned_order)
)
 WITHOUT ROWID,
 STRICT

;
INSERT INTO "orders" VALUES('PO1','1000','FG','V1','L1','2026-03-16','',30000000,'[]');
INSERT INTO "orders" VALUES('PO2','1000','FG','V1','L1','2026-03-18','',100000000,'[]');
CREATE TABLE outcomes (
	head INTEGER NOT NULL, 
	outcome TEXT NOT NULL, 
	messages INTEGER NOT NULL, 
	PRIMARY KEY (head, outcome), 
	FOREIGN KEY(head) REFERENCES heads (ordinal)
)
 WITHOUT ROWID,
 STRICT

;
INSERT INTO "outcomes" VALUES(0,'counted',12);
INSERT INTO "outcomes" VALUES(0,'duplicate',1);
INSERT INTO "outcomes" VALUES(0,'import',2);
INSERT INTO "outcomes" VALUES(0,'quarantine',3);
INSERT INTO "outcomes" VALUES(0,'request',8);
INSERT INTO "outcomes" VALUES(0,'settings',2);
INSERT INTO "outcomes" VALUES(0,'state',1);
CREATE TABLE periods (
	plant TEXT NOT NULL, 
	period TEXT NOT NULL, 
	closed INTEGER NOT NULL, 
	PRIMARY KEY (plant, period)
)
 WITHOUT ROWID,
 STRICT

;
CREATE TABLE quarantine (
	number INTEGER NOT NULL, 
	entry INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	code TEXT NOT NULL, 
	text TEXT NOT NULL, 
	plant TEXT NOT NULL, 
	line TEXT NOT NULL, 
	device TEXT NOT NULL, 
	at INTEGER NOT NULL, 
	yield INTEGER NOT NULL, 
	scrap INTEGER NOT NULL, 
	topic TEXT NOT NULL, 
	payload BLOB NOT NULL, 
	content TEXT NOT NULL, 
	state TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	PRIMARY KEY (number)
)
 WITHOUT ROWID,
 STRICT

;
INSERT INTO "quarantine" VALUES(1,18,'unbooked','BF3001','line 1000/L9 has no production version','1000','L9','C9',1773648030000000,7000000,0,'bf/v1/1000/L9/C9/count',X'7B7D','{"scrap": {}, "batch": "", "operation": "", "unit": ""}','dismissed','anna: test');
INSERT INTO "quarantine" VALUES(2,19,'unbooked','BF3001','line 1000/L9 has no production version','1000','L9','C9',1773648030000000,1000000,0,'bf/v1/1000/L9/C9/count',X'7B7D','{"scrap": {}, "batch": "", "operation": "", "unit": ""}','replayed','by anna, document 0000000018');
INSERT INTO "quarantine" VALUES(3,20,'untrusted','BF2004','total went from 8 to 9000: more than max_step 100 a minute allows','1000','L9','C9',1773648030000000,0,0,'bf/v1/1000/L9/C9/count',X'7B7D','{"boot": "", "totals": [["good", 9000, 0]]}','open','');
CREATE TABLE quarantine_folds (
	number INTEGER NOT NULL, 
	messages INTEGER NOT NULL, 
	last_entry INTEGER NOT NULL, 
	last_at INTEGER NOT NULL, 
	text TEXT NOT NULL, 
	topic TEXT NOT NULL, 
	payload BLOB NOT NULL, 
	PRIMARY KEY (number), 
	FOREIGN KEY(number) REFERENCES quarantine (number)
)
 WITHOUT ROWID,
 STRICT

;
CREATE TABLE reductions (
	document INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	planned_order TEXT NOT NULL, 
	segment TEXT NOT NULL, 
	quantity INTEGER NOT NULL, 
	PRIMARY KEY (document, position)
)
 WITHOUT ROWID,
 STRICT

;
INSERT INTO "reductions" VALUES(1,1,'PO1','final',10000000);
INSERT INTO "reductions" VALUES(1,2,'PO1','quantity',10000000);
INSERT INTO "reductions" VALUES(2,1,'PO1','final',20000000);
INSERT INTO "reductions" VALUES(2,2,'PO1','quantity',14000000);
INSERT INTO "reductions" VALUES(3,1,'PO2','final',8000000);
INSERT INTO "reductions" VALUES(3,2,'PO1','quantity',6000000);
INSERT INTO "reductions" VALUES(3,3,'PO2','quantity',2000000);
INSERT INTO "reductions" VALUES(10,1,'PO1','final',-4000000);
INSERT INTO "reductions" VALUES(10,2,'PO1','quantity',-4000000);
INSERT INTO "reductions" VALUES(15,1,'PO1','final',-6000000);
INSERT INTO "reductions" VALUES(15,2,'PO1','quantity',-6000000);
INSERT INTO "reductions" VALUES(16,1,'PO1','final',10000000);
INSERT INTO "reductions" VALUES(16,2,'PO1','quantity',10000000);
INSERT INTO "reductions" VALUES(17,1,'PO2','final',-8000000);
INSERT INTO "reductions" VALUES(17,2,'PO2','quantity',-2000000);
INSERT INTO "reductions" VALUES(17,3,'PO1','quantity',-6000000);
INSERT INTO "reductions" VALUES(18,1,'PO2','final',1000000);
INSERT INTO "reductions" VALUES(18,2,'PO1','quantity',1000000);
CREATE TABLE rules (
	head INTEGER NOT NULL, 
	content TEXT NOT NULL, 
	PRIMARY KEY (head), 
	FOREIGN KEY(head) REFERENCES heads (ordinal)
)
 WITHOUT ROWID,
 STRICT

;
INSERT INTO "rules" VALUES(0,'{"window":"reading","skew":300000000,"late_max":259200000000,"duplicate_window":3000000,"worklist":"demand","base":"bf/v1","requests":["run-start","run-stop","work"],"lines":["*"],"open_names":["*"],"edition":0}');
CREATE TABLE runs (
	plant TEXT NOT NULL, 
	line TEXT NOT NULL, 
	start_at INTEGER NOT NULL, 
	end_at INTEGER NOT NULL, 
	material TEXT NOT NULL, 
	version TEXT NOT NULL, 
	batch TEXT NOT NULL, 
	sales_order TEXT NOT NULL, 
	sales_order_item TEXT NOT NULL, 
	revision TEXT NOT NULL, actor TEXT DEFAULT '' NOT NULL, stopped_at INTEGER DEFAULT '0' NOT NULL, 
	PRIMARY KEY (plant, line, start_at)
)
 WITHOUT ROWID,
 STRICT

;
CREATE TABLE scans (
	device TEXT NOT NULL, 
	scan TEXT NOT NULL, 
	content TEXT NOT NULL, 
	result TEXT NOT NULL, 
	code TEXT NOT NULL, 
	title TEXT NOT NULL, 
	text TEXT NOT NULL, 
	document INTEGER NOT NULL, 
	quantity INTEGER NOT NULL, 
	point TEXT NOT NULL, 
	waiting INTEGER NOT NULL, facts TEXT DEFAULT '' NOT NULL, 
	PRIMARY KEY (device, scan)
)
 WITHOUT ROWID,
 STRICT

;
INSERT INTO "scans" VALUES('S1','scan-1','0843d6ad6e0a675074e3a26965f2dca2','ok','BF0000','1 PC','FO, L3: 19 today; missing, and kept in the backlog: 3 PC SCARCE',8,1000000,'final',0,'{"material": "FO", "unit": "PC", "version": "V1", "line": "L3", "kind": "yield", "shift_total": "19"}');
INSERT INTO "scans" VALUES('S1','scan-2','f0f3551515798daacb704bd72ba8e2c7','ok','BF0000','1 PC','FO, L3: 20 today; missing, and kept in the backlog: 3 PC SCARCE',9,1000000,'final',0,'{"material": "FO", "unit": "PC", "version": "V1", "line": "L3", "kind": "yield", "shift_total": "20"}');
CREATE TABLE serials (
	serial TEXT NOT NULL, 
	document INTEGER NOT NULL, 
	PRIMARY KEY (serial)
)
 WITHOUT ROWID,
 STRICT

;
CREATE TABLE source_names (
	head INTEGER NOT NULL, 
	decoder TEXT NOT NULL, 
	scope TEXT NOT NULL, 
	names TEXT NOT NULL, 
	PRIMARY KEY (head, decoder, scope), 
	FOREIGN KEY(head) REFERENCES heads (ordinal)
)
 WITHOUT ROWID,
 STRICT

;
CREATE TABLE sources (
	document INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	device TEXT NOT NULL, 
	first_entry INTEGER NOT NULL, 
	last_entry INTEGER NOT NULL, 
	readings INTEGER NOT NULL, 
	yield INTEGER NOT NULL, 
	scrap INTEGER NOT NULL, 
	first_at INTEGER NOT NULL, 
	last_at INTEGER NOT NULL, 
	spans_change INTEGER NOT NULL, 
	PRIMARY KEY (document, position)
)
 WITHOUT ROWID,
 STRICT

;
INSERT INTO "sources" VALUES(1,1,'C1',4,4,1,10000000,0,1773648000000000,1773648000000000,0);
INSERT INTO "sources" VALUES(2,1,'C1',5,5,1,14000000,6000000,1773648000000000,1773648000000000,0);
INSERT INTO "sources" VALUES(3,1,'C1',7,7,1,8000000,0,1773648000000000,1773648000000000,0);
INSERT INTO "sources" VALUES(4,1,'P2',8,8,1,6000000,0,1773648000000000,1773648000000000,0);
INSERT INTO "sources" VALUES(5,1,'P1',9,9,1,10000000,1000000,1773648000000000,1773648000000000,0);
INSERT INTO "sources" VALUES(7,1,'W3',10,10,1,18000000,2000000,1773648000000000,1773648000000000,0);
INSERT INTO "sources" VALUES(8,1,'S1',11,11,1,1000000,0,1773648030000000,1773648030000000,0);
INSERT INTO "sources" VALUES(9,1,'S1',12,12,1,1000000,0,1773648030000000,1773648030000000,0);
INSERT INTO "sources" VALUES(16,1,'C1',16,16,1,10000000,0,1773648030000000,1773648030000000,0);
INSERT INTO "sources" VALUES(18,1,'C9',19,19,1,1000000,0,1773648030000000,1773648030000000,0);
INSERT INTO "sources" VALUES(20,1,'',26,26,1,2000000,0,1773648030000000,1773648030000000,0);
INSERT INTO "sources" VALUES(21,1,'P2',27,27,1,7000000,0,1773648030000000,1773648030000000,0);
CREATE TABLE statistics (
	plant TEXT NOT NULL, 
	date TEXT NOT NULL, 
	shift TEXT NOT NULL, 
	line TEXT NOT NULL, 
	material TEXT NOT NULL, 
	version TEXT NOT NULL, 
	measure TEXT NOT NULL, 
	detail TEXT NOT NULL, 
	unit TEXT NOT NULL, 
	quantity INTEGER NOT NULL, 
	PRIMARY KEY (plant, date, shift, line, material, version, measure, detail, unit)
)
 WITHOUT ROWID,
 STRICT

;
INSERT INTO "statistics" VALUES('1000','2026-03-16','','L1','FG','V1','activity','machine','H',250000);
INSERT INTO "statistics" VALUES('1000','2026-03-16','','L1','FG','V1','activity','setup','H',0);
INSERT INTO "statistics" VALUES('1000','2026-03-16','','L1','FG','V1','component','A','PC',40000000);
INSERT INTO "statistics" VALUES('1000','2026-03-16','','L1','FG','V1','component','B','KG',6666000);
INSERT INTO "statistics" VALUES('1000','2026-03-16','','L1','FG','V1','component','SCARCE','PC',20000000);
INSERT INTO "statistics" VALUES('1000','2026-03-16','','L1','FG','V1','scrap','final','PC',2000000);
INSERT INTO "statistics" VALUES('1000','2026-03-16','','L1','FG','V1','scrap','final DENT','PC',4000000);
INSERT INTO "statistics" VALUES('1000','2026-03-16','','L1','FG','V1','yield','final','PC',24000000);
INSERT INTO "statistics" VALUES('1000','2026-03-16','','L2','FP','V1','activity','machine','H',185417);
INSERT INTO "statistics" VALUES('1000','2026-03-16','','L2','FP','V1','activity','setup','H',500000);
INSERT INTO "statistics" VALUES('1000','2026-03-16','','L2','FP','V1','component','A','PC',11000000);
INSERT INTO "statistics" VALUES('1000','2026-03-16','','L2','FP','V1','component','B','KG',1250000);
INSERT INTO "statistics" VALUES('1000','2026-03-16','','L2','FP','V1','scrap','0010','PC',1000000);
INSERT INTO "statistics" VALUES('1000','2026-03-16','','L2','FP','V1','yield','0010','PC',10000000);
INSERT INTO "statistics" VALUES('1000','2026-03-16','','L2','FP','V1','yield','final','PC',10000000);
INSERT INTO "statistics" VALUES('1000','2026-03-16','','L3','FO','V1','activity','machine','H',300000);
INSERT INTO "statistics" VALUES('1000','2026-03-16','','L3','FO','V1','activity','setup','H',1000000);
INSERT INTO "statistics" VALUES('1000','2026-03-16','','L3','FO','V1','by_product','A','PC',2000000);
INSERT INTO "statistics" VALUES('1000','2026-03-16','','L3','FO','V1','component','B','KG',17000);
INSERT INTO "statistics" VALUES('1000','2026-03-16','','L3','FO','V1','component','SCARCE','PC',72000000);
INSERT INTO "statistics" VALUES('1000','2026-03-16','','L3','FO','V1','scrap','final','PC',2000000);
INSERT INTO "statistics" VALUES('1000','2026-03-16','','L3','FO','V1','yield','final','PC',22000000);
INSERT INTO "statistics" VALUES('1000','2026-03-16','','L9','FG','V1','yield','final','PC',1000000);
CREATE TABLE stock (
	plant TEXT NOT NULL, 
	material TEXT NOT NULL, 
	location TEXT NOT NULL, 
	batch TEXT NOT NULL, 
	stock_type TEXT NOT NULL, 
	quantity INTEGER NOT NULL, 
	PRIMARY KEY (plant, material, location, batch, stock_type)
)
 WITHOUT ROWID,
 STRICT

;
INSERT INTO "stock" VALUES('1000','A','RAW','','',851000000);
INSERT INTO "stock" VALUES('1000','B','RAW','','',-7933000);
INSERT INTO "stock" VALUES('1000','FG','FGL','','',25000000);
INSERT INTO "stock" VALUES('1000','FO','FGL','','',20000000);
INSERT INTO "stock" VALUES('1000','FO','FGL','LOT7','',2000000);
INSERT INTO "stock" VALUES('1000','FP','FGL','','',10000000);
INSERT INTO "stock" VALUES('1000','SCARCE','TIGHT','','',0);
CREATE TABLE waiting (
	flow TEXT NOT NULL, 
	point TEXT NOT NULL, 
	document INTEGER NOT NULL, 
	plant TEXT NOT NULL, 
	line TEXT NOT NULL, 
	explosion TEXT NOT NULL, 
	production_date TEXT NOT NULL, 
	shift TEXT NOT NULL, 
	batch TEXT NOT NULL, 
	planned_order TEXT NOT NULL, 
	replaced TEXT NOT NULL, 
	yield INTEGER NOT NULL, 
	scrap TEXT NOT NULL, 
	again INTEGER NOT NULL, 
	PRIMARY KEY (flow, point, document), 
	FOREIGN KEY(flow) REFERENCES flows (id)
)
 WITHOUT ROWID,
 STRICT

;
INSERT INTO "waiting" VALUES('1000/FP/V1/PCC 1000 FP V1/0010-final','final',21,'1000','L2','c0783e4183a810e4d6d333ba6a2c14a0','2026-03-16','','','','[]',3000000,'{}',0);
CREATE TABLE windows (
	flow TEXT NOT NULL, 
	point TEXT NOT NULL, 
	explosion TEXT NOT NULL, 
	production_date TEXT NOT NULL, 
	shift TEXT NOT NULL, 
	batch TEXT NOT NULL, 
	line TEXT NOT NULL, 
	policy TEXT NOT NULL, 
	plant TEXT NOT NULL, 
	close_at INTEGER NOT NULL, 
	pieces INTEGER NOT NULL, 
	yield INTEGER NOT NULL, 
	scrap TEXT NOT NULL, 
	rework INTEGER NOT NULL, 
	sources TEXT NOT NULL, 
	PRIMARY KEY (flow, point, explosion, production_date, shift, batch, line, policy)
)
 WITHOUT ROWID,
 STRICT

;
INSERT INTO "windows" VALUES('1000/FO/V1/PCC 1000 FO V1/final','final','fc669c0dba4008d666f87838cedaebe2','2026-03-16','','','L3','timed','1000',1773648060000000,0,3000000,'{}',0,'{"W3":[28,1773648030000000,28,1773648030000000,1,3000000,0,0]}');
CREATE TABLE worklist_rows (
	document INTEGER NOT NULL, 
	process TEXT NOT NULL, 
	segment TEXT NOT NULL, 
	explosion TEXT NOT NULL, 
	scope TEXT NOT NULL, 
	flow TEXT NOT NULL, 
	units INTEGER NOT NULL, 
	plant TEXT NOT NULL, 
	line TEXT NOT NULL, 
	posting_date TEXT NOT NULL, 
	production_date TEXT NOT NULL, 
	shift TEXT NOT NULL, 
	timing TEXT NOT NULL, 
	cumulate INTEGER NOT NULL, 
	state TEXT NOT NULL, 
	mark INTEGER NOT NULL, 
	posted_by INTEGER NOT NULL, 
	reversed INTEGER NOT NULL, 
	PRIMARY KEY (document, process, segment, explosion, scope, flow)
)
 WITHOUT ROWID,
 STRICT

;
INSERT INTO "worklist_rows" VALUES(1,'activity','final','e066f46538eab046aa6a4c59688d392d','','1000/FG/V1/PCC 1000 FG V1/final',6000000,'1000','L1','2026-03-16','2026-03-16','','background',0,'posted',0,11,6000000);
INSERT INTO "worklist_rows" VALUES(1,'activity','final','e066f46538eab046aa6a4c59688d392d','shift 2026-03-16','1000/FG/V1/PCC 1000 FG V1/final',6000000,'1000','L1','2026-03-16','2026-03-16','','background',0,'posted',0,11,6000000);
INSERT INTO "worklist_rows" VALUES(1,'issue','final','e066f46538eab046aa6a4c59688d392d','','1000/FG/V1/PCC 1000 FG V1/final',6000000,'1000','L1','2026-03-16','2026-03-16','','background',1,'posted',0,12,6000000);
INSERT INTO "worklist_rows" VALUES(1,'receipt','final','e066f46538eab046aa6a4c59688d392d','','1000/FG/V1/PCC 1000 FG V1/final',10000000,'1000','L1','2026-03-16','2026-03-16','','online',0,'posted',0,1,10000000);
INSERT INTO "worklist_rows" VALUES(2,'activity','final','e066f46538eab046aa6a4c59688d392d','','1000/FG/V1/PCC 1000 FG V1/final',20000000,'1000','L1','2026-03-16','2026-03-16','','background',0,'posted',6000000,13,0);
INSERT INTO "worklist_rows" VALUES(2,'activity','final','e066f46538eab046aa6a4c59688d392d','shift 2026-03-16','1000/FG/V1/PCC 1000 FG V1/final',20000000,'1000','L1','2026-03-16','2026-03-16','','background',0,'posted',6000000,13,0);
INSERT INTO "worklist_rows" VALUES(2,'issue','final','e066f46538eab046aa6a4c59688d392d','','1000/FG/V1/PCC 1000 FG V1/final',20000000,'1000','L1','2026-03-16','2026-03-16','','background',1,'posted',6000000,12,0);
INSERT INTO "worklist_rows" VALUES(2,'receipt','final','e066f46538eab046aa6a4c59688d392d','','1000/FG/V1/PCC 1000 FG V1/final',14000000,'1000','L1','2026-03-16','2026-03-16','','online',0,'posted',10000000,2,0);
INSERT INTO "worklist_rows" VALUES(3,'activity','final','e066f46538eab046aa6a4c59688d392d','','1000/FG/V1/PCC 1000 FG V1/final',8000000,'1000','L1','2026-03-16','2026-03-16','','background',0,'posted',26000000,14,8000000);
INSERT INTO "worklist_rows" VALUES(3,'activity','final','e066f46538eab046aa6a4c59688d392d','shift 2026-03-16','1000/FG/V1/PCC 1000 FG V1/final',8000000,'1000','L1','2026-03-16','2026-03-16','','background',0,'posted',26000000,14,8000000);
INSERT INTO "worklist_rows" VALUES(3,'issue','final','e066f46538eab046aa6a4c59688d392d','','1000/FG/V1/PCC 1000 FG V1/final',8000000,'1000','L1','2026-03-16','2026-03-16','','background',1,'posted',26000000,12,8000000);
INSERT INTO "worklist_rows" VALUES(3,'receipt','final','e066f46538eab046aa6a4c59688d392d','','1000/FG/V1/PCC 1000 FG V1/final',8000000,'1000','L1','2026-03-16','2026-03-16','','online',0,'posted',24000000,3,8000000);
INSERT INTO "worklist_rows" VALUES(5,'activity','0010','c0783e4183a810e4d6d333ba6a2c14a0','','1000/FP/V1/PCC 1000 FP V1/0010-final',11000000,'1000','L2','2026-03-16','2026-03-16','','online',0,'posted',0,5,0);
INSERT INTO "worklist_rows" VALUES(5,'issue','0010','c0783e4183a810e4d6d333ba6a2c14a0','','1000/FP/V1/PCC 1000 FP V1/0010-final',11000000,'1000','L2','2026-03-16','2026-03-16','','online',0,'posted',0,5,0);
INSERT INTO "worklist_rows" VALUES(6,'activity','final','c0783e4183a810e4d6d333ba6a2c14a0','','1000/FP/V1/PCC 1000 FP V1/0010-final',6000000,'1000','L2','2026-03-16','2026-03-16','','online',0,'posted',0,6,0);
INSERT INTO "worklist_rows" VALUES(6,'activity','final','c0783e4183a810e4d6d333ba6a2c14a0','shift 2026-03-16','1000/FP/V1/PCC 1000 FP V1/0010-final',6000000,'1000','L2','2026-03-16','2026-03-16','','online',0,'posted',0,6,0);
INSERT INTO "worklist_rows" VALUES(6,'issue','final','c0783e4183a810e4d6d333ba6a2c14a0','','1000/FP/V1/PCC 1000 FP V1/0010-final',6000000,'1000','L2','2026-03-16','2026-03-16','','online',0,'posted',0,6,0);
INSERT INTO "worklist_rows" VALUES(6,'receipt','final','c0783e4183a810e4d6d333ba6a2c14a0','','1000/FP/V1/PCC 1000 FP V1/0010-final',6000000,'1000','L2','2026-03-16','2026-03-16','','online',0,'posted',0,6,0);
INSERT INTO "worklist_rows" VALUES(7,'activity','final','fc669c0dba4008d666f87838cedaebe2','','1000/FO/V1/PCC 1000 FO V1/final',20000000,'1000','L3','2026-03-16','2026-03-16','','online',0,'posted',0,7,0);
INSERT INTO "worklist_rows" VALUES(7,'activity','final','fc669c0dba4008d666f87838cedaebe2','shift 2026-03-16','1000/FO/V1/PCC 1000 FO V1/final',20000000,'1000','L3','2026-03-16','2026-03-16','','online',0,'posted',0,7,0);
INSERT INTO "worklist_rows" VALUES(7,'issue','final','fc669c0dba4008d666f87838cedaebe2','','1000/FO/V1/PCC 1000 FO V1/final',20000000,'1000','L3','2026-03-16','2026-03-16','','online',0,'posted',0,7,0);
INSERT INTO "worklist_rows" VALUES(7,'receipt','final','fc669c0dba4008d666f87838cedaebe2','','1000/FO/V1/PCC 1000 FO V1/final',18000000,'1000','L3','2026-03-16','2026-03-16','','online',0,'posted',0,7,0);
INSERT INTO "worklist_rows" VALUES(8,'activity','final','fc669c0dba4008d666f87838cedaebe2','','1000/FO/V1/PCC 1000 FO V1/final',1000000,'1000','L3','2026-03-16','2026-03-16','','online',0,'posted',20000000,8,0);
INSERT INTO "worklist_rows" VALUES(8,'activity','final','fc669c0dba4008d666f87838cedaebe2','shift 2026-03-16','1000/FO/V1/PCC 1000 FO V1/final',1000000,'1000','L3','2026-03-16','2026-03-16','','online',0,'posted',20000000,8,0);
INSERT INTO "worklist_rows" VALUES(8,'issue','final','fc669c0dba4008d666f87838cedaebe2','','1000/FO/V1/PCC 1000 FO V1/final',1000000,'1000','L3','2026-03-16','2026-03-16','','online',0,'posted',20000000,8,0);
INSERT INTO "worklist_rows" VALUES(8,'receipt','final','fc669c0dba4008d666f87838cedaebe2','','1000/FO/V1/PCC 1000 FO V1/final',1000000,'1000','L3','2026-03-16','2026-03-16','','online',0,'posted',18000000,8,0);
INSERT INTO "worklist_rows" VALUES(9,'activity','final','fc669c0dba4008d666f87838cedaebe2','','1000/FO/V1/PCC 1000 FO V1/final',1000000,'1000','L3','2026-03-16','2026-03-16','','online',0,'posted',21000000,9,0);
INSERT INTO "worklist_rows" VALUES(9,'activity','final','fc669c0dba4008d666f87838cedaebe2','shift 2026-03-16','1000/FO/V1/PCC 1000 FO V1/final',1000000,'1000','L3','2026-03-16','2026-03-16','','online',0,'posted',21000000,9,0);
INSERT INTO "worklist_rows" VALUES(9,'issue','final','fc669c0dba4008d666f87838cedaebe2','','1000/FO/V1/PCC 1000 FO V1/final',1000000,'1000','L3','2026-03-16','2026-03-16','','online',0,'posted',21000000,9,0);
INSERT INTO "worklist_rows" VALUES(9,'receipt','final','fc669c0dba4008d666f87838cedaebe2','','1000/FO/V1/PCC 1000 FO V1/final',1000000,'1000','L3','2026-03-16','2026-03-16','','online',0,'posted',19000000,9,0);
INSERT INTO "worklist_rows" VALUES(16,'activity','final','e066f46538eab046aa6a4c59688d392d','','1000/FG/V1/PCC 1000 FG V1/final',10000000,'1000','L1','2026-03-16','2026-03-16','','background',0,'open',0,0,0);
INSERT INTO "worklist_rows" VALUES(16,'activity','final','e066f46538eab046aa6a4c59688d392d','shift 2026-03-16','1000/FG/V1/PCC 1000 FG V1/final',10000000,'1000','L1','2026-03-16','2026-03-16','','background',0,'open',0,0,0);
INSERT INTO "worklist_rows" VALUES(16,'issue','final','e066f46538eab046aa6a4c59688d392d','','1000/FG/V1/PCC 1000 FG V1/final',10000000,'1000','L1','2026-03-16','2026-03-16','','background',1,'open',0,0,0);
INSERT INTO "worklist_rows" VALUES(16,'receipt','final','e066f46538eab046aa6a4c59688d392d','','1000/FG/V1/PCC 1000 FG V1/final',10000000,'1000','L1','2026-03-16','2026-03-16','','online',0,'posted',32000000,16,0);
INSERT INTO "worklist_rows" VALUES(18,'activity','final','e066f46538eab046aa6a4c59688d392d','','1000/FG/V1/PCC 1000 FG V1/final',1000000,'1000','L9','2026-03-16','2026-03-16','','background',0,'open',0,0,0);
INSERT INTO "worklist_rows" VALUES(18,'activity','final','e066f46538eab046aa6a4c59688d392d','shift 2026-03-16','1000/FG/V1/PCC 1000 FG V1/final',1000000,'1000','L9','2026-03-16','2026-03-16','','background',0,'open',0,0,0);
INSERT INTO "worklist_rows" VALUES(18,'issue','final','e066f46538eab046aa6a4c59688d392d','','1000/FG/V1/PCC 1000 FG V1/final',1000000,'1000','L9','2026-03-16','2026-03-16','','background',1,'open',0,0,0);
INSERT INTO "worklist_rows" VALUES(18,'receipt','final','e066f46538eab046aa6a4c59688d392d','','1000/FG/V1/PCC 1000 FG V1/final',1000000,'1000','L9','2026-03-16','2026-03-16','','online',0,'posted',42000000,18,0);
INSERT INTO "worklist_rows" VALUES(20,'activity','final','fc669c0dba4008d666f87838cedaebe2','','1000/FO/V1/PCC 1000 FO V1/final',2000000,'1000','L3','2026-03-16','2026-03-16','','online',0,'posted',22000000,20,0);
INSERT INTO "worklist_rows" VALUES(20,'activity','final','fc669c0dba4008d666f87838cedaebe2','lot LOT7','1000/FO/V1/PCC 1000 FO V1/final',2000000,'1000','L3','2026-03-16','2026-03-16','','online',0,'posted',0,20,0);
INSERT INTO "worklist_rows" VALUES(20,'issue','final','fc669c0dba4008d666f87838cedaebe2','','1000/FO/V1/PCC 1000 FO V1/final',2000000,'1000','L3','2026-03-16','2026-03-16','','online',0,'posted',22000000,20,0);
INSERT INTO "worklist_rows" VALUES(20,'receipt','final','fc669c0dba4008d666f87838cedaebe2','','1000/FO/V1/PCC 1000 FO V1/final',2000000,'1000','L3','2026-03-16','2026-03-16','','online',0,'posted',20000000,20,0);
INSERT INTO "worklist_rows" VALUES(21,'activity','final','c0783e4183a810e4d6d333ba6a2c14a0','','1000/FP/V1/PCC 1000 FP V1/0010-final',4000000,'1000','L2','2026-03-16','2026-03-16','','online',0,'posted',6000000,21,0);
INSERT INTO "worklist_rows" VALUES(21,'activity','final','c0783e4183a810e4d6d333ba6a2c14a0','shift 2026-03-16','1000/FP/V1/PCC 1000 FP V1/0010-final',4000000,'1000','L2','2026-03-16','2026-03-16','','online',0,'posted',6000000,21,0);
INSERT INTO "worklist_rows" VALUES(21,'issue','final','c0783e4183a810e4d6d333ba6a2c14a0','','1000/FP/V1/PCC 1000 FP V1/0010-final',4000000,'1000','L2','2026-03-16','2026-03-16','','online',0,'posted',6000000,21,0);
INSERT INTO "worklist_rows" VALUES(21,'receipt','final','c0783e4183a810e4d6d333ba6a2c14a0','','1000/FP/V1/PCC 1000 FP V1/0010-final',4000000,'1000','L2','2026-03-16','2026-03-16','','online',0,'posted',6000000,21,0);
CREATE UNIQUE INDEX heads_gateway_journal ON heads (gateway, journal);
CREATE INDEX documents_entered_at ON documents (entered_at);
CREATE INDEX documents_flow ON documents (flow, number);
CREATE INDEX flows_cost_object ON flows (cost_object, plant);
CREATE INDEX documents_line ON documents (plant, line, entered_at, number);
CREATE INDEX quarantine_state ON quarantine (state, number);
CREATE INDEX sources_device ON sources (device, document);
CREATE INDEX reductions_planned_order ON reductions (planned_order);
CREATE INDEX serials_document ON serials (document);
CREATE INDEX documents_backlog ON documents (reference) WHERE type = 'backlog';
CREATE INDEX documents_reverses ON documents (reverses) WHERE reverses <> 0;
CREATE INDEX documents_caused_by ON documents (caused_by) WHERE caused_by <> 0;
CREATE INDEX material_items_mirrors ON material_items (mirrors) WHERE mirrors <> 0;
CREATE INDEX worklist_rows_open ON worklist_rows (plant, line, posting_date, document) WHERE state = 'open';
CREATE INDEX worklist_rows_posted_by ON worklist_rows (posted_by) WHERE posted_by <> 0 AND posted_by <> document;
CREATE INDEX backlog_open ON backlog (plant, line, material, created_at) WHERE required > issued + closed;
CREATE INDEX quarantine_open ON quarantine (device) WHERE state = 'open';
CREATE TRIGGER documents_no_update BEFORE UPDATE ON documents BEGIN SELECT RAISE(ABORT, 'UPDATE of documents is refused: the ledger keeps its history'); END;
CREATE TRIGGER documents_no_delete BEFORE DELETE ON documents BEGIN SELECT RAISE(ABORT, 'DELETE of documents is refused: the ledger keeps its history'); END;
CREATE TRIGGER confirmations_no_update BEFORE UPDATE ON confirmations BEGIN SELECT RAISE(ABORT, 'UPDATE of confirmations is refused: the ledger keeps its history'); END;
CREATE TRIGGER confirmations_no_delete BEFORE DELETE ON confirmations BEGIN SELECT RAISE(ABORT, 'DELETE of confirmations is refused: the ledger keeps its history'); END;
CREATE TRIGGER material_items_no_update BEFORE UPDATE ON material_items BEGIN SELECT RAISE(ABORT, 'UPDATE of material_items is refused: the ledger keeps its history'); END;
CREATE TRIGGER material_items_no_delete BEFORE DELETE ON material_items BEGIN SELECT RAISE(ABORT, 'DELETE of material_items is refused: the ledger keeps its history'); END;
CREATE TRIGGER activity_items_no_update BEFORE UPDATE ON activity_items BEGIN SELECT RAISE(ABORT, 'UPDATE of activity_items is refused: the ledger keeps its history'); END;
CREATE TRIGGER activity_items_no_delete BEFORE DELETE ON activity_items BEGIN SELECT RAISE(ABORT, 'DELETE of activity_items is refused: the ledger keeps its history'); END;
CREATE TRIGGER sources_no_update BEFORE UPDATE ON sources BEGIN SELECT RAISE(ABORT, 'UPDATE of sources is refused: the ledger keeps its history'); END;
CREATE TRIGGER sources_no_delete BEFORE DELETE ON sources BEGIN SELECT RAISE(ABORT, 'DELETE of sources is refused: the ledger keeps its history'); END;
CREATE TRIGGER reductions_no_update BEFORE UPDATE ON reductions BEGIN SELECT RAISE(ABORT, 'UPDATE of reductions is refused: the ledger keeps its history'); END;
CREATE TRIGGER reductions_no_delete BEFORE DELETE ON reductions BEGIN SELECT RAISE(ABORT, 'DELETE of reductions is refused: the ledger keeps its history'); END;
CREATE TRIGGER explosions_no_update BEFORE UPDATE ON explosions BEGIN SELECT RAISE(ABORT, 'UPDATE of explosions is refused: the ledger keeps its history'); END;
CREATE TRIGGER explosions_no_delete BEFORE DELETE ON explosions BEGIN SELECT RAISE(ABORT, 'DELETE of explosions is refused: the ledger keeps its history'); END;
CREATE TRIGGER batches_no_update BEFORE UPDATE ON batches BEGIN SELECT RAISE(ABORT, 'UPDATE of batches is refused: the ledger keeps its history'); END;
CREATE TRIGGER batches_no_delete BEFORE DELETE ON batches BEGIN SELECT RAISE(ABORT, 'DELETE of batches is refused: the ledger keeps its history'); END;
CREATE TRIGGER scans_no_update BEFORE UPDATE ON scans BEGIN SELECT RAISE(ABORT, 'UPDATE of scans is refused: the ledger keeps its history'); END;
CREATE TRIGGER scans_no_delete BEFORE DELETE ON scans BEGIN SELECT RAISE(ABORT, 'DELETE of scans is refused: the ledger keeps its history'); END;
CREATE TRIGGER commands_no_update BEFORE UPDATE ON commands BEGIN SELECT RAISE(ABORT, 'UPDATE of commands is refused: the ledger keeps its history'); END;
CREATE TRIGGER commands_no_delete BEFORE DELETE ON commands BEGIN SELECT RAISE(ABORT, 'DELETE of commands is refused: the ledger keeps its history'); END;
CREATE TRIGGER master_tables_no_update BEFORE UPDATE ON master_tables BEGIN SELECT RAISE(ABORT, 'UPDATE of master_tables is refused: the ledger keeps its history'); END;
CREATE TRIGGER master_tables_no_delete BEFORE DELETE ON master_tables BEGIN SELECT RAISE(ABORT, 'DELETE of master_tables is refused: the ledger keeps its history'); END;
CREATE TRIGGER heads_no_delete BEFORE DELETE ON heads BEGIN SELECT RAISE(ABORT, 'DELETE of heads is refused: the ledger keeps its history'); END;
CREATE TRIGGER outcomes_no_delete BEFORE DELETE ON outcomes BEGIN SELECT RAISE(ABORT, 'DELETE of outcomes is refused: the ledger keeps its history'); END;
CREATE TRIGGER worklist_rows_no_delete BEFORE DELETE ON worklist_rows BEGIN SELECT RAISE(ABORT, 'DELETE of worklist_rows is refused: the ledger keeps its history'); END;
CREATE TRIGGER marks_no_delete BEFORE DELETE ON marks BEGIN SELECT RAISE(ABORT, 'DELETE of marks is refused: the ledger keeps its history'); END;
CREATE TRIGGER accounts_no_delete BEFORE DELETE ON accounts BEGIN SELECT RAISE(ABORT, 'DELETE of accounts is refused: the ledger keeps its history'); END;
CREATE TRIGGER flows_no_delete BEFORE DELETE ON flows BEGIN SELECT RAISE(ABORT, 'DELETE of flows is refused: the ledger keeps its history'); END;
CREATE TRIGGER flow_segments_no_delete BEFORE DELETE ON flow_segments BEGIN SELECT RAISE(ABORT, 'DELETE of flow_segments is refused: the ledger keeps its history'); END;
CREATE TRIGGER backlog_no_delete BEFORE DELETE ON backlog BEGIN SELECT RAISE(ABORT, 'DELETE of backlog is refused: the ledger keeps its history'); END;
CREATE TRIGGER device_marks_no_delete BEFORE DELETE ON device_marks BEGIN SELECT RAISE(ABORT, 'DELETE of device_marks is refused: the ledger keeps its history'); END;
CREATE TRIGGER quarantine_no_delete BEFORE DELETE ON quarantine BEGIN SELECT RAISE(ABORT, 'DELETE of quarantine is refused: the ledger keeps its history'); END;
CREATE TRIGGER serials_no_delete BEFORE DELETE ON serials BEGIN SELECT RAISE(ABORT, 'DELETE of serials is refused: the ledger keeps its history'); END;
CREATE TRIGGER stock_no_delete BEFORE DELETE ON stock BEGIN SELECT RAISE(ABORT, 'DELETE of stock is refused: the ledger keeps its history'); END;
CREATE TRIGGER opening_stock_no_delete BEFORE DELETE ON opening_stock BEGIN SELECT RAISE(ABORT, 'DELETE of opening_stock is refused: the ledger keeps its history'); END;
CREATE TRIGGER statistics_no_delete BEFORE DELETE ON statistics BEGIN SELECT RAISE(ABORT, 'DELETE of statistics is refused: the ledger keeps its history'); END;
CREATE TRIGGER collectors_no_delete BEFORE DELETE ON collectors BEGIN SELECT RAISE(ABORT, 'DELETE of collectors is refused: the ledger keeps its history'); END;
CREATE TRIGGER orders_no_delete BEFORE DELETE ON orders BEGIN SELECT RAISE(ABORT, 'DELETE of orders is refused: the ledger keeps its history'); END;
CREATE TRIGGER order_segments_no_delete BEFORE DELETE ON order_segments BEGIN SELECT RAISE(ABORT, 'DELETE of order_segments is refused: the ledger keeps its history'); END;
CREATE TRIGGER lines_no_delete BEFORE DELETE ON lines BEGIN SELECT RAISE(ABORT, 'DELETE of lines is refused: the ledger keeps its history'); END;
CREATE TRIGGER periods_no_delete BEFORE DELETE ON periods BEGIN SELECT RAISE(ABORT, 'DELETE of periods is refused: the ledger keeps its history'); END;
CREATE TRIGGER holds_no_delete BEFORE DELETE ON holds BEGIN SELECT RAISE(ABORT, 'DELETE of holds is refused: the ledger keeps its history'); END;
CREATE TRIGGER quarantine_folds_no_delete BEFORE DELETE ON quarantine_folds BEGIN SELECT RAISE(ABORT, 'DELETE of quarantine_folds is refused: the ledger keeps its history'); END;
CREATE TRIGGER quarantine_no_update BEFORE UPDATE OF number, entry, kind, code, text, plant, line, device, at, yield, scrap, topic, payload, content ON quarantine BEGIN SELECT RAISE(ABORT, 'UPDATE of quarantine is refused: the ledger keeps its history'); END;
CREATE INDEX runs_start_at ON runs (start_at);
CREATE INDEX orders_start_date ON orders (start_date, planned_order);
COMMIT;