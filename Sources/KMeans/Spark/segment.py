SAMPLE = 20_000
SUMS = "sums array<double>, counts array<bigint>, cost double, silhouette double"
NUMERIC = {"int", "bigint", "float", "double", "smallint", "tinyint"}


def choose_columns(table, step):
    kinds = dict(table.dtypes)
    for name in [step["idColumn"], *(step.get("columns") or [])]:
        if name not in kinds:
            raise JobError(f"no column '{name}' in {step['input']}; it has {', '.join(kinds)}")
    columns = step.get("columns") or [name for name, kind in kinds.items() if kind in NUMERIC and name != step["idColumn"]]
    for name in columns:
        if kinds[name] not in NUMERIC | {"boolean"}:
            raise JobError(f"column '{name}' is of type {kinds[name]}; expected a numeric column")
    if not columns:
        raise JobError(f"{step['input']} has no numeric column")
    return columns


def quoted(name):
    return F.col("`" + name.replace("`", "``") + "`")


def measured(table, columns, step):
    """Rows, and mean and population standard deviation of each column; filled where a value is missing."""
    fill = step.get("fill")
    numbers = [quoted(name).cast("double") for name in columns]
    missing = [number.isNull() | F.isnan(number) for number in numbers]
    if fill is not None:
        numbers = [F.when(gone, F.lit(float(fill))).otherwise(number) for gone, number in zip(missing, numbers)]
    facts = [
        one for index, number in enumerate(numbers)
        for one in (F.avg(number).alias(f"m{index}"), F.stddev_pop(number).alias(f"s{index}"), F.min(number).alias(f"l{index}"),
                    F.max(number).alias(f"h{index}"), F.count(F.when(missing[index], 1)).alias(f"n{index}"))]
    row = table.agg(F.count("*").alias("rows"), *facts).first()
    if row["rows"] == 0:
        raise JobError(f"{step['input']} has no rows")
    for index, name in enumerate(columns):
        if fill is None and row[f"n{index}"]:
            raise JobError(f"column '{name}' is null or NaN in {row[f'n{index}']} rows; give fill a value, or leave it out")
    mean = np.array([row[f"m{index}"] for index in range(len(columns))])
    spread = np.array([0.0 if row[f"l{i}"] == row[f"h{i}"] else row[f"s{i}"] for i in range(len(columns))])
    return row["rows"], numbers, mean, spread


def matrix(batch):
    column = batch.column(batch.schema.get_field_index("x"))
    return column.flatten().to_numpy(zero_copy_only=False).reshape(len(column), -1)


def squares(points, centres):
    """Squared distances; a row a point, a column a centre."""
    found = (points**2).sum(axis=1)[:, None] - 2 * points @ centres.T + (centres**2).sum(axis=1)
    return np.maximum(found, 0)


def sums_by(centres):
    def work(batches):
        sums, counts, cost, silhouette = np.zeros(centres.shape), np.zeros(len(centres), dtype=np.int64), 0.0, 0.0
        for batch in batches:
            points = matrix(batch)
            distances = squares(points, centres)
            nearest = distances.argmin(axis=1)
            counts += np.bincount(nearest, minlength=len(centres))
            np.add.at(sums, nearest, points)
            cost += distances[np.arange(len(points)), nearest].sum()
            if len(centres) > 1:
                near = np.sqrt(np.partition(distances, 1, axis=1)[:, :2])
                silhouette += ((near[:, 1] - near[:, 0]) / np.maximum(near[:, 1], 1e-300)).sum()
        yield pa.RecordBatch.from_pylist(
            [{"sums": sums.ravel().tolist(), "counts": counts.tolist(), "cost": float(cost), "silhouette": float(silhouette)}],
            schema=pa.schema([
                ("sums", pa.list_(pa.float64())), ("counts", pa.list_(pa.int64())), ("cost", pa.float64()),
                ("silhouette", pa.float64())]))

    return work


def sweep(points, centres):
    """Over all rows: sums and counts by centre, cost, mean simplified silhouette."""
    rows = points.select("x").mapInArrow(sums_by(centres), SUMS).collect()
    sums = sum(np.array(row["sums"]).reshape(centres.shape) for row in rows)
    counts = sum(np.array(row["counts"]) for row in rows)
    return sums, counts, sum(row["cost"] for row in rows), sum(row["silhouette"] for row in rows) / max(1, counts.sum())


def farthest(points, centres, count):
    """The points farthest from their centres: where an emptied segment begins anew."""

    def work(batches):
        kept = np.empty((0, centres.shape[1]))
        for batch in batches:
            kept = np.vstack([kept, matrix(batch)])
            kept = kept[np.argsort(-squares(kept, centres).min(axis=1), kind="stable")[:count]]
        schema = pa.schema([("x", pa.list_(pa.float64()))])
        yield pa.RecordBatch.from_pylist([{"x": row.tolist()} for row in kept], schema=schema)

    rows = np.array([row["x"] for row in points.select("x").mapInArrow(work, "x array<double>").collect()])
    return rows[np.argsort(-squares(rows, centres).min(axis=1), kind="stable")[:count]]


def start(sample, clusters, seed, restarts):
    """The best of some runs on a sample, each begun by k-means++."""
    best, lowest = None, math.inf
    for attempt in range(restarts):
        random = np.random.default_rng([seed, clusters, attempt])
        centres = sample[random.integers(len(sample))][None]
        nearest = squares(sample, centres)[:, 0]
        while len(centres) < clusters:
            total = nearest.sum()
            chosen = random.choice(len(sample), p=nearest / total) if total > 0 else random.integers(len(sample))
            centres = np.vstack([centres, sample[chosen]])
            nearest = np.minimum(nearest, squares(sample, centres[-1:])[:, 0])
        for _ in range(50):
            distances = squares(sample, centres)
            labels = distances.argmin(axis=1)
            counts = np.bincount(labels, minlength=clusters)
            moved = np.zeros_like(centres)
            np.add.at(moved, labels, sample)
            moved = np.where(counts[:, None] > 0, moved / np.maximum(counts, 1)[:, None], centres)
            done = np.abs(moved - centres).max() < 1e-4
            centres = moved
            if done:
                break
        cost = squares(sample, centres).min(axis=1).sum()
        if cost < lowest:
            best, lowest = centres, cost
    return best


def fit(points, centres, step, variance):
    """Lloyd's iterations; the tolerance means what it means in the job file."""
    iterations, converged = 0, False
    while iterations < step["maxIterations"] and not converged:
        sums, counts, _, _ = sweep(points, centres)
        moved = np.where(counts[:, None] > 0, sums / np.maximum(counts, 1)[:, None], centres)
        empty = np.flatnonzero(counts == 0)
        if len(empty):
            seeds = farthest(points, centres, len(empty))
            moved[empty[: len(seeds)]] = seeds
        iterations += 1
        converged = not len(empty) and ((moved - centres) ** 2).sum() <= step["tolerance"] * variance
        centres = moved
    _, counts, cost, silhouette = sweep(points, centres)
    kept = [index for index in np.argsort(-counts, kind="stable") if counts[index] > 0]
    return {
        "centres": centres[kept], "sizes": [int(counts[index]) for index in kept], "cost": float(cost),
        "silhouette": float(silhouette) if len(kept) > 1 else None, "iterations": iterations, "converged": bool(converged),
        "asked": len(centres)}


def best_number(models):
    """The highest silhouette; of those within 1 % of it the most segments; none with a handful of outliers, where there are others."""
    solid = [model for model in models if min(model["sizes"]) >= 0.01 * sum(model["sizes"])] or models
    highest = max(model["silhouette"] or 0 for model in solid)
    return max((model for model in solid if (model["silhouette"] or 0) >= 0.99 * highest), key=lambda model: model["asked"])


def initial_centres(spark, step, columns):
    uri = place(step["initialCenters"])
    text = Files(spark).read(uri)
    if text is None:
        raise JobError(f"{step['initialCenters']} is not there")
    found = json.loads(text)
    rows = found["centersOriginal"] if isinstance(found, dict) else found
    if isinstance(found, dict) and found["columns"] != columns:
        raise JobError(f"{step['initialCenters']} is of the columns {', '.join(found['columns'])}")
    rows = np.array(rows, dtype=float)
    if rows.shape != (step["clusters"], len(columns)):
        raise JobError(f"{step['initialCenters']}: expected {step['clusters']} centres of {len(columns)} numbers")
    return rows


def label(traits, taken):
    """A few words for a segment: what sets it apart most, one phrase a topic."""
    phrases, topics = [], set()
    for trait in sorted(traits, key=lambda one: -(one["z"] if one["z"] > 0 else -0.7 * one["z"])):
        high, low, topic = PHRASES.get(trait["column"], (f"high {trait['column']}", f"low {trait['column']}", trait["column"]))
        if abs(trait["z"]) >= 0.35 and topic not in topics:
            topics.add(topic)
            phrases.append(high if trait["z"] > 0 else low)
    for count in range(min(2, len(phrases)), min(4, len(phrases)) + 1):
        words = ", ".join(phrases[:count]) or "typical users"
        if words not in taken:
            return words
    return next(f"{words} ({number})" for number in range(2, len(taken) + 3) if f"{words} ({number})" not in taken)


def model_of(model, columns, mean, scale, spread, overall, step):
    original = model["centres"] * scale + mean
    rows, segments = sum(model["sizes"]), []
    for index, size in enumerate(model["sizes"]):
        traits = [
            {"column": name, "value": float(original[index][at]), "overall": float(overall[at]),
             "z": float((original[index][at] - overall[at]) / spread[at])}
            for at, name in enumerate(columns) if spread[at] > 0]
        traits.sort(key=lambda one: -abs(one["z"]))
        words = label(traits[:8], {one["label"] for one in segments})
        segments.append(
            {"segment": index, "size": size, "share": size / rows, "label": words, "distinctive": traits[:8]})
    return {
        "columns": columns, "mean": mean.tolist(), "scale": scale.tolist(), "standardize": step["standardize"],
        "centers": model["centres"].tolist(), "centersOriginal": original.tolist(), "sizes": model["sizes"],
        "cost": model["cost"], "iterations": model["iterations"], "converged": model["converged"], "seed": step["seed"],
        "silhouette": model["silhouette"], "silhouetteMethod": "simplified", "requestedClusters": model["asked"],
        "segments": segments}


def assign_to(centres, id_column):
    schema = pa.schema([(id_column, pa.string()), ("segment", pa.int32()), ("distance", pa.float64())])

    def work(batches):
        for batch in batches:
            distances = squares(matrix(batch), centres)
            nearest = distances.argmin(axis=1)
            columns = [
                batch.column(0).cast(pa.string()), pa.array(nearest, pa.int32()),
                pa.array(np.sqrt(distances[np.arange(len(nearest)), nearest]))]
            yield pa.RecordBatch.from_arrays(columns, schema=schema)

    return work


def segment_step(spark, step):
    files = Files(spark)
    output, id_column = files.output(place(step["output"])), step["idColumn"]
    table = spark.read.parquet(*files.inputs(place(step["input"])))
    columns = choose_columns(table, step)
    if table.where(quoted(id_column).isNull()).limit(1).count():
        raise JobError(f"column '{id_column}' holds a null; every row needs an id")
    rows, numbers, overall, spread = measured(table, columns, step)
    mean = overall if step["standardize"] else np.zeros(len(columns))
    scale = np.where(spread > 0, spread, 1.0) if step["standardize"] else np.ones(len(columns))
    scaled = F.array(*[(number - float(m)) / float(s) for number, m, s in zip(numbers, mean, scale)])
    points = table.select(quoted(id_column).cast("string").alias("id"), scaled.alias("x")).persist(StorageLevel.MEMORY_AND_DISK)
    variance = float(((spread / scale) ** 2).mean())
    numbers_of = range(step["minClusters"], step["maxClusters"] + 1) if step["clusters"] == "auto" else [step["clusters"]]
    asked = [count for count in numbers_of if count <= rows]
    if not asked or step["clusters"] != "auto" and step["clusters"] > rows:
        raise JobError(f"expected at most as many clusters as rows, which are {rows}")
    models, sample = [], None
    for count in asked:
        if step.get("initialCenters"):
            centres = (initial_centres(spark, step, columns) - mean) / scale
        else:
            if sample is None:
                part = min(1.0, 1.2 * SAMPLE / rows)
                chosen = points.select("x") if part == 1.0 else points.select("x").sample(False, part, step["seed"])
                sample = np.array([row["x"] for row in chosen.collect()])
            if len(sample) < count:
                raise JobError(f"{count} clusters are more than the sample of {len(sample)} rows to begin from")
            centres = start(sample, count, step["seed"], step.get("restarts") or 12)
        models.append(fit(points, centres, step, variance))
    chosen = best_number(models) if step["clusters"] == "auto" else models[0]
    assigned = points.mapInArrow(
        assign_to(chosen["centres"], id_column), f"`{id_column.replace('`', '``')}` string, segment int, distance double")
    assigned.write.mode("overwrite").option("compression", "zstd").parquet(output)
    points.unpersist()
    model = model_of(chosen, columns, mean, scale, spread, overall, step)
    files.write(output.rstrip("/") + "/_model.json", json.dumps(model, indent=2, sort_keys=True) + "\n")
    values = {
        "clusters": len(model["sizes"]), "iterations": model["iterations"], "cost": model["cost"],
        "silhouette": model["silhouette"], "sizes": model["sizes"]}
    lines = [f"  {one['segment']}  {one['size']:>9,}  {one['share']:6.1%}  {one['label']}" for one in model["segments"]]
    return values, "\n".join([f"{len(lines)} segments of {rows:,} users", *lines])


STEPS["segment"] = segment_step
