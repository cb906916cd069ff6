#include "store/postgres_commit_sql.h"

/*
 * A commit is one statement, and so one transaction and one round trip. Parameters: $1 the writer,
 * $2 this number; $3 to $8 the additions; $9 to $12 the writes (a value of NULL deletes, an
 * expectation of -1 is RECORD_ANY, -1 seconds to live are RECORD_FOREVER), $13 their version; $14
 * to $26 the rollups. The driver sends additions and writes in the order of their keys, and they
 * are locked in that order: existing records, new ones, counters, the sites of the rollups; last
 * the lists of new counters. So processes wait for each other but do not deadlock.
 *
 * The gate is the writer's row at the number before, locked. When a twin of this commit holds it,
 * the statement waits for the twin's end and then looks at the row anew (READ COMMITTED does),
 * finds it moved on, and does nothing: no row comes back.
 */
#define GATE(condition_)                                                                           \
    "WITH gate AS MATERIALIZED ("                                                                  \
    "  SELECT FROM footfall_writer WHERE id = $1 AND number = $2 - 1" condition_                   \
    "  FOR NO KEY UPDATE)"

/*
 * The caps. To find out which counters are new takes time, and hardly any site comes near its cap.
 * So a commit does nothing, as if the number did not fit, when a list might have no room for all of
 * its additions; then it is sent in another form, the capped one, which keeps counters out.
 *
 * $7 the sites with a cap, $8 how many counters their lists may have for the first form.
 */
#define ROOM                                                                                       \
    " AND NOT EXISTS (SELECT FROM unnest($7, $8) AS s (site, room)"                                \
    "  JOIN footfall_counter_list l ON l.site = s.site AND l.counters > s.room)"

/* In the capped form $7 are the caps, $8 the turns of the additions, as the commit had them. The
 * additions to a list are let in one by one, in their turns, as long as there is room; they have
 * the same cap, if any. */
#define KEPT_OUT                                                                                   \
    ", kept_out AS MATERIALIZED ("                                                                 \
    "  SELECT n.place FROM ("                                                                      \
    "    SELECT a.place, a.cap, coalesce(l.counters, 0)"                                           \
    "      + row_number() OVER (PARTITION BY a.site, a.dimension ORDER BY a.turn) AS number"       \
    "    FROM unnest($3, $4, $5, $7, $8)"                                                          \
    "      WITH ORDINALITY AS a (site, dimension, value, cap, turn, place)"                        \
    "    LEFT JOIN footfall_counter_list l ON l.site = a.site AND l.dimension = a.dimension"       \
    "    WHERE NOT EXISTS (SELECT FROM footfall_counter c WHERE c.site = a.site"                   \
    "      AND c.dimension = a.dimension AND c.value = a.value OFFSET 0)) n"                       \
    "  WHERE n.cap > 0 AND n.number > n.cap)"

#define BUT_KEPT_OUT " AND a.place NOT IN (SELECT place FROM kept_out)"

/* RETURNING gives the rows in the order of the additions. A row that was not there before has no
 * xmax. */
#define MOVED(condition_, but_)                                                                    \
    ", moved AS ("                                                                                 \
    "  INSERT INTO footfall_counter AS c (site, dimension, value, views)"                          \
    "  SELECT a.site, a.dimension, a.value, a.delta"                                               \
    "  FROM unnest($3, $4, $5, $6)"                                                                \
    "    WITH ORDINALITY AS a (site, dimension, value, delta, place)"                              \
    "  WHERE EXISTS (SELECT FROM " condition_ ")" but_ " ORDER BY a.place"                         \
    "  ON CONFLICT (site, dimension, value) DO UPDATE SET views = c.views + excluded.views"        \
    "  RETURNING c.site, c.dimension, c.value, c.views, c.xmax = 0 AS is_new)"

#define COUNTERS_LISTED                                                                            \
    ", counters_listed AS ("                                                                       \
    "  INSERT INTO footfall_counter_list AS l (site, dimension, counters)"                         \
    "  SELECT site, dimension, count(*) FROM moved WHERE is_new GROUP BY 1, 2 ORDER BY 1, 2"       \
    "  ON CONFLICT (site, dimension) DO UPDATE SET counters = l.counters + excluded.counters)"

/* The result: a total for each addition, in their order; -1 for one that was kept out. */
#define TOTALS "(SELECT coalesce(array_agg(views), '{}') FROM moved)"

#define TOTALS_CAPPED                                                                              \
    "(SELECT coalesce(array_agg(coalesce(m.views, -1) ORDER BY a.place), '{}')"                    \
    "  FROM unnest($3, $4, $5) WITH ORDINALITY AS a (site, dimension, value, place)"               \
    "  LEFT JOIN moved m ON m.site = a.site AND m.dimension = a.dimension AND m.value = a.value)"

/* The records that are there, locked, so each as it is now; an expired one counts as absent. */
#define HELD                                                                                       \
    ", held AS MATERIALIZED ("                                                                     \
    "  SELECT r.key, CASE WHEN r.expires > now() THEN r.version ELSE 0 END AS version, r.value"    \
    "  FROM footfall_record r WHERE r.key = ANY ($9) AND EXISTS (SELECT FROM gate)"                \
    "  ORDER BY r.key FOR UPDATE)"                                                                 \
    ", wish AS MATERIALIZED ("                                                                     \
    "  SELECT w.place, w.key, w.value, w.ttl, coalesce(h.version, 0) AS version,"                  \
    "    h.value AS held, w.expect IN (-1, coalesce(h.version, 0)) AS fits"                        \
    "  FROM unnest($9, $10, $11, $12) WITH ORDINALITY AS w (key, expect, value, ttl, place)"       \
    "  LEFT JOIN held h ON h.key = w.key)"                                                         \
    ", fit AS MATERIALIZED ("                                                                      \
    "  SELECT FROM wish HAVING EXISTS (SELECT FROM gate) AND coalesce(bool_and(fits), true))"

/* A record to be deleted is left empty and expired, for the sweep. One that somebody wrote after
 * this statement began is not among those held, so it is not updated and is missing in the count;
 * then all of this is undone, by a division by zero, since plain SQL has no other way to fail. */
#define WRITTEN                                                                                    \
    ", written AS ("                                                                               \
    "  INSERT INTO footfall_record AS r (key, version, expires, value)"                            \
    "  SELECT key, $13, CASE ttl WHEN -1 THEN 'infinity' ELSE now() + make_interval(secs => ttl)"  \
    "    END, coalesce(value, '')"                                                                 \
    "  FROM wish WHERE EXISTS (SELECT FROM fit) ORDER BY place"                                    \
    "  ON CONFLICT (key) DO UPDATE"                                                                \
    "  SET version = excluded.version, expires = excluded.expires, value = excluded.value"         \
    "  WHERE r.key IN (SELECT key FROM held)"                                                      \
    "  RETURNING 1)"                                                                               \
    ", sound AS MATERIALIZED ("                                                                    \
    "  SELECT 1 / CASE WHEN count(*) = cardinality($9) THEN 1 ELSE 0 END"                          \
    "  FROM written WHERE EXISTS (SELECT FROM fit) HAVING EXISTS (SELECT FROM fit))"

/*
 * Rollups. Whoever changes those of a site has its lock: one of 256, since the server has not many,
 * taken in the order of their numbers. All commits of a site meet in the row of its total anyway,
 * and under the lock the rows can be changed in two parts, in whatever order: those that are there,
 * then those that are not. That costs half of an INSERT with ON CONFLICT for all of them, which
 * says nothing of what is new before it is done, and so nothing for the caps.
 *
 * The statement sees the tables as they were when it began, perhaps before it got the lock. A row
 * that somebody has made since counts as one that is not there, and is added to all the same.
 */
#define MORE_OF(row_)                                                                              \
    "views = r.views + " row_ ".views, visits = r.visits + " row_ ".visits,"                       \
    " visitors = r.visitors + " row_ ".visitors, bounces = r.bounces + " row_ ".bounces,"          \
    " seconds = r.seconds + " row_ ".seconds"

/* VALUE_OTHER is left to what follows: it may be meant by several additions at once. */
#define TOUCHED                                                                                    \
    ", added AS MATERIALIZED ("                                                                    \
    "  SELECT a.* FROM unnest($14, $15, $16, $17, $18, $19, $20, $21, $22, $23)"                   \
    "    WITH ORDINALITY AS a (site, bucket, dimension, page, value,"                              \
    "      views, visits, visitors, bounces, seconds, place)"                                      \
    "  WHERE EXISTS (SELECT FROM sound))"                                                          \
    ", locked AS MATERIALIZED (" LOCK_SITES(                                                       \
        "SELECT DISTINCT " SLOT_OF("site") " AS slot FROM added"                                   \
                                           " WHERE (SELECT count(*) FROM moved) >= 0 ORDER BY "    \
                                           "slot") ")"                                             \
                                                   ", touched AS ("                                \
                                                   "  UPDATE footfall_rollup AS r SET " MORE_OF(   \
                                                       "a") "  FROM added a WHERE (SELECT "        \
                                                            "count(*) FROM locked) > 0 AND "       \
                                                            "r.site = a.site"                      \
                                                            "    AND r.bucket = a.bucket AND "     \
                                                            "r.dimension = a.dimension AND "       \
                                                            "r.page = a.page"                      \
                                                            "    AND r.value = a.value AND "       \
                                                            "a.value <> 1"                         \
                                                            "  RETURNING a.place)"

/* $24 the caps, $25 the texts, $26 the titles. The additions to a list are let in one by one, in
 * the order of the commit, as long as there is room; they have the same cap, if any. */
#define FRESH                                                                                      \
    ", missing AS MATERIALIZED ("                                                                  \
    "  SELECT * FROM added WHERE place NOT IN (SELECT place FROM touched))"                        \
    ", fresh AS MATERIALIZED ("                                                                    \
    "  SELECT m.*, w.text, w.title, w.cap > 0 AND w.cap < coalesce((SELECT l.rows"                 \
    "      FROM footfall_list l WHERE l.site = m.site AND l.bucket = m.bucket"                     \
    "        AND l.dimension = m.dimension AND l.is_within = (m.page <> 0)), 0)"                   \
    "    + row_number() OVER (PARTITION BY m.site, m.bucket, m.dimension, m.page <> 0"             \
    "        ORDER BY m.place) AS is_other"                                                        \
    "  FROM missing m JOIN unnest($24, $25, $26) WITH ORDINALITY AS w (cap, text, title, place)"   \
    "    ON w.place = m.place WHERE EXISTS (SELECT FROM missing))"

#define MADE                                                                                       \
    ", made AS ("                                                                                  \
    "  INSERT INTO footfall_rollup AS r (site, bucket, dimension, page, value,"                    \
    "    views, visits, visitors, bounces, seconds)"                                               \
    "  SELECT site, bucket, dimension, CASE WHEN is_other AND page <> 0 THEN 1 ELSE page END,"     \
    "    CASE WHEN is_other THEN 1 ELSE value END, sum(views), sum(visits), sum(visitors),"        \
    "    sum(bounces), sum(seconds) FROM fresh GROUP BY 1, 2, 3, 4, 5"                             \
    "  ON CONFLICT (site, bucket, dimension, page, value) DO UPDATE SET " MORE_OF(                 \
        "excluded") "  RETURNING r.site, r.bucket, r.dimension, r.page <> 0 AS is_within, r.xmax " \
                    "= 0 AS is_new)"                                                               \
                    ", listed AS ("                                                                \
                    "  INSERT INTO footfall_list AS l (site, bucket, dimension, is_within, rows)"  \
                    "  SELECT site, bucket, dimension, is_within, count(*) FROM made WHERE is_new" \
                    "  GROUP BY 1, 2, 3, 4"                                                        \
                    "  ON CONFLICT (site, bucket, dimension, is_within) DO UPDATE"                 \
                    "  SET rows = l.rows + excluded.rows)"

/* Of several texts of one value the last one counts, and of its titles the last that is one. */
#define NAMED                                                                                      \
    ", named AS ("                                                                                 \
    "  INSERT INTO footfall_name AS n (site, id, text, title)"                                     \
    "  SELECT DISTINCT ON (site, value) site, value, text, title FROM fresh"                       \
    "  WHERE text <> '' AND NOT is_other ORDER BY site, value, title <> '' DESC, place DESC"       \
    "  ON CONFLICT (site, id) DO UPDATE SET title = excluded.title"                                \
    "  WHERE excluded.title NOT IN ('', n.title))"

#define COUNTED(totals_)                                                                           \
    COUNTERS_LISTED " UPDATE footfall_writer SET number = $2, seen = now(), result = " totals_     \
                    " WHERE id = $1 AND EXISTS (SELECT FROM gate) RETURNING result"

/* A conflict leaves no result, and brings back what is there. */
#define CONCLUDED(totals_)                                                                         \
    COUNTERS_LISTED                                                                                \
    " UPDATE footfall_writer SET number = $2, seen = now(),"                                       \
    "   result = CASE WHEN EXISTS (SELECT FROM sound) THEN " totals_ " END"                        \
    " WHERE id = $1 AND EXISTS (SELECT FROM gate)"                                                 \
    " RETURNING result,"                                                                           \
    "   CASE WHEN result IS NULL THEN (SELECT array_agg(version ORDER BY place) FROM wish) END,"   \
    "   CASE WHEN result IS NULL THEN (SELECT array_agg(CASE WHEN version = 0 THEN '' ELSE held"   \
    "     END ORDER BY place) FROM wish) END"

const char postgres_count_sql[] = GATE(ROOM) MOVED("gate", "");
const char postgres_count_end_sql[] = COUNTED(TOTALS);
const char postgres_commit_sql[] = GATE(ROOM) HELD WRITTEN MOVED("sound", "");
const char postgres_commit_end_sql[] = CONCLUDED(TOTALS);
const char postgres_rollups_end_sql[] = TOUCHED FRESH MADE NAMED CONCLUDED(TOTALS);

const char postgres_count_capped_sql[] = GATE("") KEPT_OUT MOVED("gate", BUT_KEPT_OUT);
const char postgres_count_capped_end_sql[] = COUNTED(TOTALS_CAPPED);
const char postgres_commit_capped_sql[] =
    GATE("") HELD WRITTEN KEPT_OUT MOVED("sound", BUT_KEPT_OUT);
const char postgres_commit_capped_end_sql[] = CONCLUDED(TOTALS_CAPPED);
const char postgres_rollups_capped_end_sql[] = TOUCHED FRESH MADE NAMED CONCLUDED(TOTALS_CAPPED);
