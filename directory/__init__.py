"""What is offered where: services, the places they are at, finding one for a person, and taking files in.

Others use `search` (find, place_named, nearest_place) and `importing`; the data belongs to the deployment.
"""
