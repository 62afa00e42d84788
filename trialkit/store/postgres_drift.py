"""What only PostgreSQL has: checks switched off, rows shown elsewhere, rights that pass the guards."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, text

_POSTGRES_CHECKS = {
    "constraint {} is not enforced": """
SELECT c.conname FROM pg_constraint c JOIN pg_namespace n ON n.oid = c.connamespace
WHERE n.nspname = current_schema() AND NOT c.convalidated""",
    "index {} is not valid": """
SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = current_schema() AND NOT (i.indisvalid AND i.indisready)""",
    "a check of references on {} is switched off": """
SELECT DISTINCT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = current_schema() AND t.tgisinternal AND t.tgenabled::text <> 'O'""",
    "a rule rewrites what is written to {}": """
SELECT DISTINCT tablename FROM pg_rules WHERE schemaname = current_schema()""",
    "rows of {} are hidden by a policy, or will be once it is switched on": """
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = current_schema() AND (c.relrowsecurity OR c.relforcerowsecurity
  OR EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid))""",
    "excluding constraint {} is there and should not be": """
SELECT c.conname FROM pg_constraint c JOIN pg_namespace n ON n.oid = c.connamespace
WHERE n.nspname = current_schema() AND c.contype = 'x'""",
    "{} loses its rows in a crash": """
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = current_schema() AND c.relkind = 'r' AND c.relpersistence <> 'p'""",
    "materialized view, foreign table or other relation {} is there and should not be": """
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = current_schema() AND c.relkind IN ('m', 'f', 'p')""",
    "table {} inherits one of its tables, whose rows it adds to": """
SELECT i.inhrelid::regclass::text FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhparent
JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = current_schema() AND c.relkind = 'r'""",
    "table {} stands above its tables, whose rows it shows": """
SELECT DISTINCT i.inhparent::regclass::text FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = current_schema() AND c.relkind = 'r'""",
    "view {} of another schema shows its tables": """
SELECT DISTINCT vn.nspname || '.' || v.relname FROM pg_depend d
JOIN pg_rewrite r ON r.oid = d.objid AND d.classid = 'pg_rewrite'::regclass
JOIN pg_class v ON v.oid = r.ev_class JOIN pg_namespace vn ON vn.oid = v.relnamespace
JOIN pg_class t ON t.oid = d.refobjid AND d.refclassid = 'pg_class'::regclass
JOIN pg_namespace tn ON tn.oid = t.relnamespace
WHERE tn.nspname = current_schema() AND vn.nspname <> current_schema() AND t.relkind = 'r'""",
    "publication {} sends rows of its tables to whoever subscribes": """
SELECT DISTINCT pubname FROM pg_publication_tables WHERE schemaname = current_schema()""",
    "column {} is compared by another collation": """
SELECT c.relname || '.' || a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_type t ON t.oid = a.atttypid
WHERE n.nspname = current_schema() AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
AND a.attcollation <> t.typcollation""",
    "index {} is sorted by another collation": """
SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = current_schema() AND EXISTS (
  SELECT 1 FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
  WHERE a.attrelid = i.indexrelid AND a.attcollation <> t.typcollation)""",
    "event trigger {} acts when tables are changed": "SELECT evtname FROM pg_event_trigger",
    "session_replication_role is set to {}, which passes the guards over": """
SELECT DISTINCT split_part(one, '=', 2) FROM pg_db_role_setting s, unnest(s.setconfig) AS one
WHERE split_part(one, '=', 1) = 'session_replication_role' AND split_part(one, '=', 2) <> 'origin'
AND s.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
UNION SELECT current_setting('session_replication_role')
WHERE current_setting('session_replication_role') <> 'origin'""",
}


def postgres_findings(connection: Connection) -> Iterator[str]:
    for words, query in _POSTGRES_CHECKS.items():
        for (name,) in connection.execute(text(query)):
            yield words.format(name)


_HELD = ("audit_head", "stratum", "subject", "sign_in_attempt")
"""Tables that a desk must be able to hold, or to move on: PostgreSQL asks for UPDATE."""
_RIGHTS = {
    "a superuser": "SELECT current_user FROM pg_roles WHERE rolname = current_user AND rolsuper",
    "an owner of tables": """
SELECT DISTINCT current_user FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = current_schema() AND c.relkind = 'r'
AND NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
AND pg_has_role(current_user, c.relowner, 'MEMBER')""",
    "a role that may make roles": """
SELECT current_user FROM pg_roles WHERE rolname = current_user AND rolcreaterole AND NOT rolsuper""",
}
_GRANTED = """
SELECT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END AS role,
       string_agg(DISTINCT a.privilege_type, ', ' ORDER BY a.privilege_type) AS rights,
       min(c.relname) AS one, count(DISTINCT c.relname) AS tables
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN (SELECT oid, relacl AS acl FROM pg_class
      UNION ALL SELECT attrelid, attacl FROM pg_attribute WHERE attnum > 0) g ON g.oid = c.oid,
aclexplode(g.acl) a
WHERE n.nspname = current_schema() AND c.relkind = 'r' AND a.grantee <> c.relowner
AND (a.privilege_type IN ('DELETE', 'TRUNCATE', 'TRIGGER')
     OR (a.privilege_type = 'UPDATE' AND c.relname <> ALL (:held)))
GROUP BY 1 ORDER BY 1"""

_OTHERS = {
    "the role {} is a superuser: it can switch every guard off": """
SELECT rolname FROM pg_roles WHERE rolsuper AND rolcanlogin AND oid <> 10 AND rolname <> current_user""",
    "the role {} may make roles, and give itself those that write": """
SELECT rolname FROM pg_roles WHERE rolcreaterole AND NOT rolsuper AND rolname <> current_user""",
    "the role {} is a member of the owner of tables: it can switch every guard off": """
SELECT DISTINCT r.rolname FROM pg_roles r JOIN pg_class c ON pg_has_role(r.oid, c.relowner, 'MEMBER')
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = current_schema() AND c.relkind = 'r' AND NOT r.rolsuper AND r.oid <> c.relowner
AND r.rolname <> current_user AND r.rolname NOT LIKE 'pg\\_%'""",
    "{} is not the trail's owner's: its owner can switch that guard off": """
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = current_schema() AND c.relkind = 'r'
AND c.relowner <> (SELECT relowner FROM pg_class WHERE oid = to_regclass('audit_transaction'))
UNION SELECT p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname = current_schema() AND p.pronargs = 0 AND p.proname LIKE 'trialkit\\_%'
AND p.proowner <> (SELECT relowner FROM pg_class WHERE oid = to_regclass('audit_transaction'))""",
    "whoever may connect to the database may read {}": """
SELECT DISTINCT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN (SELECT oid, relacl AS acl FROM pg_class
      UNION ALL SELECT attrelid, attacl FROM pg_attribute WHERE attnum > 0) g ON g.oid = c.oid,
aclexplode(g.acl) a
WHERE n.nspname = current_schema() AND c.relkind = 'r' AND a.grantee = 0 AND a.privilege_type = 'SELECT'""",
    "whoever may connect to the database may make objects beside its tables": """
SELECT 1 FROM pg_namespace n, aclexplode(n.nspacl) a
WHERE n.nspname = current_schema() AND a.grantee = 0 AND a.privilege_type = 'CREATE'""",
    "the role {} may make objects beside its tables, which acts may then take for their own": """
SELECT a.grantee::regrole::text FROM pg_namespace n, aclexplode(n.nspacl) a
WHERE n.nspname = current_schema() AND a.privilege_type = 'CREATE' AND a.grantee NOT IN (0, 10, n.nspowner)
AND NOT a.grantee = ANY (SELECT c.relowner FROM pg_class c WHERE c.relnamespace = n.oid)""",
    "the function {} works with the rights of another role, who can switch every guard off": """
SELECT DISTINCT p.oid::regprocedure::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
JOIN pg_roles r ON r.oid = p.proowner
WHERE p.prosecdef AND n.nspname NOT IN ('pg_catalog', 'information_schema')
AND NOT (n.nspname = current_schema() AND p.pronargs = 0 AND p.proname LIKE 'trialkit\\_%')
AND (r.rolsuper OR r.oid IN (SELECT c.relowner FROM pg_class c JOIN pg_namespace m ON m.oid = c.relnamespace
                             WHERE m.nspname = current_schema() AND c.relkind = 'r'))""",
}
"""Who else might pass the guards, and what does so for anybody.

PostgreSQL's own first role is not told, nor are the guards' own functions: they are held against the models.
"""
_PARAMETER = """
SELECT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END
FROM pg_parameter_acl p, aclexplode(p.paracl) a
WHERE p.parname = 'session_replication_role' AND a.privilege_type = 'SET' AND a.grantee <> 10"""

_MEMBERS = """
SELECT m.member::regrole::text, r.rolname FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid
WHERE r.rolname IN ('pg_write_all_data', 'pg_write_server_files', 'pg_execute_server_program')
ORDER BY 1, 2"""


def loose_rights(connection: Connection) -> list[str]:
    """Who might pass the guards: the role that asks, if it is superuser or owner, and roles that may delete.

    A right changes nothing, and so it is no finding. Empty on SQLite, where whoever has the file has it all.
    """
    if connection.dialect.name != "postgresql":
        return []
    told = [
        f"the role {name} that trialkit works as is {what}: it can switch every guard off"
        for what, query in _RIGHTS.items()
        for (name,) in connection.execute(text(query))
    ]
    for role, rights, one, tables in connection.execute(text(_GRANTED), {"held": list(_HELD)}):
        more = f" and {tables - 1} more" if tables > 1 else ""
        told.append(f"the role {role} has been granted {rights} on {one}{more}: a desk needs none of these")
    told += [
        f"the role {role} is a member of {group}: it writes past what is granted table by table"
        for role, group in connection.execute(text(_MEMBERS))
    ]
    told += [
        words.format(name)
        for words, query in _OTHERS.items()
        for (name,) in connection.execute(text(f"{query} ORDER BY 1"))
    ]
    if connection.scalar(text("SELECT to_regclass('pg_catalog.pg_parameter_acl')")) is not None:  # since 15
        told += [
            f"the role {role} may set session_replication_role: it can pass every guard over"
            for (role,) in connection.execute(text(_PARAMETER))
        ]
    return told
